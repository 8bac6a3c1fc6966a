// When a key ends: a lifetime of the keyspace, never, or a day; with the moment in the keyspace's time zone, and guidance by
// how long that is.
import { classes } from '../components/classes.ts';
import { SelectField, TextField } from '../components/field.tsx';
import type { KeyspaceView } from '../keys/keyspace-words.ts';
import { texts } from '../texts/texts.ts';
import { dayOf } from './calendar.ts';
import { ANY_DAY, NEVER, type Draft, type DraftChange } from './draft.ts';
import { bandOf, expiryOf } from './draft-values.ts';
import styles from './form.module.css';

const words = texts.form;

export interface ExpiryFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly description: string | null;
  readonly error: string | null;
  readonly disabled: boolean;
  readonly view: KeyspaceView;
  readonly draft: Draft;
  readonly onChange: (change: DraftChange) => void;
  /** Milliseconds. */
  readonly now: number;
}

export function ExpiryField({ view, draft, onChange, now, error, ...around }: ExpiryFieldProps) {
  const { expiry, labels, timeZone } = view;
  const { choice, day } = draft.expiresAt;
  const set = (expiresAt: Draft['expiresAt']): void => onChange({ expiresAt });
  const end = expiryOf(draft.expiresAt, timeZone, now);
  const band = bandOf(view, draft, now);
  const most = expiry?.maxLifetimeDays ?? null;
  return (
    <>
      <SelectField
        {...around}
        value={choice}
        error={choice === ANY_DAY ? null : error}
        onChange={(next) => set({ choice: next, day: next === ANY_DAY ? day : '' })}
        options={optionsOf(view, choice)}
      />
      {choice === ANY_DAY && (
        <TextField
          label={labels.customExpiry}
          type="date"
          value={day}
          error={error}
          disabled={around.disabled}
          onChange={(next) => set({ choice: ANY_DAY, day: next })}
          control={{
            min: dayOf(timeZone, now, expiry?.afterToday === true ? 1 : 0),
            ...(most === null ? {} : { max: dayOf(timeZone, now, most) }),
          }}
        />
      )}
      {typeof end === 'string' && error === null && (
        <p className={styles.may}>{words.until(exactIn(timeZone, end), timeZone)}</p>
      )}
      {band && (
        <p className={classes(styles.band, band.upToDays == null && styles.discouraged)} role="status">
          {band.title != null && <strong>{band.title}: </strong>}
          {band.text}
        </p>
      )}
    </>
  );
}

function optionsOf({ expiry, labels }: KeyspaceView, choice: string) {
  const presets = expiry?.presets.map(({ days, label }) => ({ value: String(days), label })) ?? [];
  const days = expiry?.defaultDays ?? null;
  const own = days === null || presets.some(({ value }) => value === String(days)) ? [] : [days];
  return [
    ...(choice === '' ? [{ value: '', label: words.choose }] : []),
    ...(expiry?.noExpiry === true || choice === NEVER ? [{ value: NEVER, label: labels.noExpiry }] : []),
    ...own.map((each) => ({ value: String(each), label: words.days(each) })),
    ...presets,
    ...(expiry?.custom === true || choice === ANY_DAY ? [{ value: ANY_DAY, label: labels.customExpiry }] : []),
  ];
}

const exactIn = (timeZone: string, time: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(Date.parse(time));
