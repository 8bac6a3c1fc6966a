// A switch that does what it says when it is moved.
import { Switch } from '@base-ui/react/switch';
import styles from './toggle.module.css';

export interface ToggleProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly label: string;
  readonly disabled?: boolean;
}

export function Toggle({ checked, onChange, label, disabled = false }: ToggleProps) {
  return (
    <Switch.Root
      checked={checked}
      onCheckedChange={onChange}
      aria-label={label}
      disabled={disabled}
      className={styles.toggle}
    >
      <Switch.Thumb className={styles.thumb} />
    </Switch.Root>
  );
}
