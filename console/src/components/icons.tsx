// Icons: drawn in the text's colour, never read aloud; what they stand for is said beside them.
import type { ReactNode } from 'react';

function icon(shape: ReactNode) {
  return function Icon() {
    return (
      <svg
        viewBox="0 0 16 16"
        width="16"
        height="16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {shape}
      </svg>
    );
  };
}

export const CheckIcon = icon(<path d="m3 8.5 3.2 3.2L13 4.8" />);
export const CopyIcon = icon(<path d="M5.5 5.5h7v8h-7zM3.5 10.5v-8h7" />);
export const CloseIcon = icon(<path d="m4 4 8 8m0-8-8 8" />);
export const DotsIcon = icon(<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.6" />);
export const ChevronIcon = icon(<path d="m6 4 4 4-4 4" />);
export const DownIcon = icon(<path d="m4 6 4 4 4-4" />);
export const UpIcon = icon(<path d="m4 10 4-4 4 4" />);
export const PauseIcon = icon(<path d="M6 4v8m4-8v8" />);
export const ClockIcon = icon(<path d="M8 4.5V8l2.2 1.6M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12Z" />);
export const BanIcon = icon(<path d="M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12ZM4 4l8 8" />);
export const TrashIcon = icon(<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9" />);
export const WarningIcon = icon(<path d="M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.4h.01" />);
export const SearchIcon = icon(<path d="M7 12A5 5 0 1 1 7 2a5 5 0 0 1 0 10Zm3.6-1.4L14 14" />);
export const MenuIcon = icon(<path d="M2.5 4.5h11m-11 3.5h11m-11 3.5h11" />);
export const KeyIcon = icon(<path d="M5.5 13a3 3 0 1 1 0-6 3 3 0 0 1 0 6Zm2-5L13 2.5m-2 2 1.5 1.5" />);
