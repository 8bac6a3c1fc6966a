// Snackbars: one for the result of everything that is done. A success goes by itself, a failure stays until it is
// dismissed. Anything may show one, components or not.
import { Toast } from '@base-ui/react/toast';
import { texts } from '../texts/texts.ts';
import { CheckIcon, CloseIcon, WarningIcon } from './icons.tsx';
import styles from './snackbar.module.css';

const SUCCESS_MS = 5000;
/** Failures that nobody dismisses may not hide the page. */
const LIMIT = 4;

export interface SnackbarAction {
  readonly label: string;
  readonly onSelect: () => void;
}

const manager = Toast.createToastManager();

const withAction = (action: SnackbarAction | undefined) =>
  action ? { actionProps: { children: action.label, onClick: action.onSelect } } : {};

/** Never say a secret in one. */
export const snackbar = {
  success: (text: string, action?: SnackbarAction): void => {
    manager.add({ title: text, type: 'success', timeout: SUCCESS_MS, ...withAction(action) });
  },
  failure: (text: string, action?: SnackbarAction): void => {
    manager.add({ title: text, type: 'error', timeout: 0, ...withAction(action) });
  },
};

/** Once, around the frame's end. */
export function SnackbarHost() {
  return (
    <Toast.Provider toastManager={manager} limit={LIMIT}>
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport} aria-label={texts.notifications}>
          <Snackbars />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Snackbars() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={styles.snackbar}
      swipeDirection={[]}
      aria-label={typeof toast.description === 'string' ? toast.description : undefined}
    >
      <span className={styles.icon}>{toast.type === 'error' ? <WarningIcon /> : <CheckIcon />}</span>
      <Toast.Title className={styles.text} render={<p />} />
      {toast.actionProps && <Toast.Action className={styles.action} />}
      <Toast.Close className={styles.close} aria-label={texts.dismiss}>
        <CloseIcon />
      </Toast.Close>
    </Toast.Root>
  ));
}
