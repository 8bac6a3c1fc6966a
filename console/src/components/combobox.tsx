// A field for any number of values: chosen from a list that is searched by typing, or, where anything may be given, typed
// and ended with Enter or a separator; a pasted list becomes one value each.
import { Combobox as BaseCombobox } from '@base-ui/react/combobox';
import { useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { texts } from '../texts/texts.ts';
import { classes } from './classes.ts';
import styles from './combobox.module.css';
import { Field, type FieldProps } from './field.tsx';
import { CheckIcon, CloseIcon } from './icons.tsx';
import popup from './popup.module.css';

export interface ComboboxOption {
  readonly value: string;
  readonly label: string;
}

export interface ComboboxProps extends Omit<FieldProps, 'children'> {
  readonly options: readonly ComboboxOption[];
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  /** Values that are none of the options are taken as they are typed. */
  readonly free?: boolean;
  /** What lies between values, and is in none. */
  readonly separators?: RegExp;
  readonly placeholder?: string;
}

const WORDS = /[\s,;]+/;
/** For values that are words of their own choice. */
export const LINES = /[\r\n]+/;
const unique = (values: readonly string[]): string[] => [...new Set(values)];

export function Combobox(props: ComboboxProps) {
  const { options, value, onChange, free = false, separators = WORDS, placeholder, ...around } = props;
  const [typed, setTyped] = useState('');
  const chips = useRef<HTMLDivElement>(null);
  const labelOf = (each: string): string => options.find((option) => option.value === each)?.label ?? each;

  const take = (text: string): void => {
    const given = text.split(separators).flatMap((part) => part.trim() || []);
    if (given.length > 0) onChange(unique([...value, ...given]));
    setTyped('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (!free || typed.trim() === '' || (event.key !== 'Enter' && !(event.key === ',' && separators.test(',')))) return;
    if (event.currentTarget.getAttribute('aria-activedescendant')) return;
    event.preventDefault();
    take(typed);
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const text = event.clipboardData.getData('text');
    if (!free || !separators.test(text.trim())) return;
    event.preventDefault();
    take(text);
  };

  return (
    <Field {...around}>
      <BaseCombobox.Root
        multiple
        modal
        {...(options.length === 0 ? { open: false } : {})}
        items={options.map((option) => option.value)}
        itemToStringLabel={labelOf}
        value={value}
        onValueChange={(next: string[]) => onChange(unique(next))}
        inputValue={typed}
        onInputValueChange={setTyped}
      >
        <BaseCombobox.Chips ref={chips} className={styles.chips}>
          {value.map((each) => (
            <BaseCombobox.Chip key={each} className={styles.chip} aria-label={labelOf(each)}>
              {labelOf(each)}
              <BaseCombobox.ChipRemove className={styles.remove} aria-label={texts.removeOf(labelOf(each))}>
                <CloseIcon />
              </BaseCombobox.ChipRemove>
            </BaseCombobox.Chip>
          ))}
          <BaseCombobox.Input
            className={styles.input}
            placeholder={value.length === 0 ? placeholder : undefined}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => {
              if (free) take(typed);
            }}
          />
        </BaseCombobox.Chips>
        {options.length > 0 && (
          <BaseCombobox.Portal>
            <BaseCombobox.Positioner anchor={chips} sideOffset={4} className={popup.positioner}>
              <BaseCombobox.Popup className={classes(popup.menu, styles.popup)}>
                <BaseCombobox.Empty className={styles.note}>{texts.noOption}</BaseCombobox.Empty>
                <BaseCombobox.List>
                  {(item: string) => (
                    <BaseCombobox.Item key={item} value={item} className={popup.item}>
                      <span className={styles.indicator}>
                        <BaseCombobox.ItemIndicator>
                          <CheckIcon />
                        </BaseCombobox.ItemIndicator>
                      </span>
                      {labelOf(item)}
                    </BaseCombobox.Item>
                  )}
                </BaseCombobox.List>
              </BaseCombobox.Popup>
            </BaseCombobox.Positioner>
          </BaseCombobox.Portal>
        )}
      </BaseCombobox.Root>
    </Field>
  );
}
