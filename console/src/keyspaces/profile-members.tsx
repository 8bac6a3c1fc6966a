// Members of a profile that have members of their own: groups, and lists of rows, folded until they are looked into.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { CheckChoices } from '../form/choices.tsx';
import { keyspaceTexts } from '../texts/keyspace-texts.ts';
import styles from './keyspace-page.module.css';
import { isWithin, type Path, type ProfileMember, type ProfileProblem } from './profile-draft.ts';
import { ProfileField } from './profile-field.tsx';
import type { EditedProfile } from './use-edited-profile.ts';

const words = keyspaceTexts.form;
/** Stands in a member's path for any entry, or any name. */
const ANY = '*';

export interface MemberProps {
  readonly edited: EditedProfile;
  readonly member: ProfileMember;
  readonly label?: string;
  readonly path: Path;
  readonly value: unknown;
  /** Those in it. */
  readonly problems: readonly ProfileProblem[];
  readonly onRemove?: () => void;
  /** It has just been added. */
  readonly added?: boolean;
}

export interface MembersProps extends Pick<MemberProps, 'edited' | 'path' | 'value' | 'problems'> {
  readonly members: readonly ProfileMember[];
}

/** Members of one object. */
export function Members({ edited, members, path, value, problems }: MembersProps) {
  return members.map((member) => {
    const name = member.path.at(-1) ?? '';
    const at = [...path, name];
    return (
      <Member
        key={name}
        {...{ edited, member, path: at }}
        value={(value as Readonly<Record<string, unknown>> | undefined)?.[name]}
        problems={problems.filter((problem) => isWithin(problem.path, at))}
      />
    );
  });
}

function Member(props: MemberProps) {
  const { edited, member, label = member.label, path, problems } = props;
  const { kind, instead, description } = member;
  const value = props.value === undefined ? member.fallback : props.value;
  const group = kind === 'GROUP' || kind === 'ROWS';
  const choosable = instead !== null && (group || kind === 'TEXTS' || kind === 'CHOICES');
  const off = choosable && JSON.stringify(value ?? null) === instead;
  const content = (
    <>
      {choosable && (
        <CheckChoices
          choices={[{ value: instead, label: `${label}: ${instead}` }]}
          value={off ? [instead] : []}
          onChange={([chosen]) =>
            edited.change({ path, value: chosen === undefined ? (kind === 'GROUP' ? {} : []) : JSON.parse(chosen) })
          }
        />
      )}
      {!off && (group ? <Within {...props} value={value} /> : <ProfileField {...{ ...props, label, value }} />)}
    </>
  );
  const all = (
    <>
      {content}
      {props.onRemove && <Button onClick={props.onRemove}>{words.remove(label)}</Button>}
    </>
  );
  if (!group) return choosable || props.onRemove ? <div className={styles.members}>{all}</div> : content;
  return (
    <Fold {...{ label, description }} wrong={problems.length} open={props.added} focused={props.added}>
      {all}
    </Fold>
  );
}

/** What is in a group or a list. */
function Within({ edited, member, label = member.label, path, value, problems }: MemberProps) {
  const add = useRef<HTMLButtonElement>(null);
  const [added, setAdded] = useState(-1);
  const [name, setName] = useState('');
  /** Rows are known by their places, which others have once one is removed. */
  const [removed, setRemoved] = useState(0);
  const below = edited.members.filter(
    (each) => each.path.length === member.path.length + 1 && isWithin(each.path, member.path),
  );
  const any = below.find((each) => each.path.at(-1) === ANY);
  const known = below.filter((each) => each !== any);
  const rows = Array.isArray(value) ? (value as readonly unknown[]) : null;
  const others = Object.entries((value ?? {}) as Readonly<Record<string, unknown>>).filter(
    ([each]) => any && !known.some(({ path: at }) => at.at(-1) === each),
  );
  const claimed = [...known.map((each) => each.path.at(-1) ?? ''), ...others.map(([each]) => each)];
  const named = rows === null && member.kind === 'GROUP';
  const taken = claimed.includes(name);
  const unclaimed = problems.filter((problem) => !claimed.includes(problem.path[path.length] ?? ''));
  const addRow = (): void => {
    const count = rows?.length ?? 0;
    if (!named) {
      setAdded(count);
      edited.change(count === 0 ? { path, value: [{}] } : { path: [...path, String(count)], value: {} });
    } else if (name !== '' && !taken) {
      edited.change({ path: [...path, name], value: '' });
      setName('');
    }
  };
  return (
    <>
      {unclaimed.map((problem) => (
        <p key={[...problem.path, problem.message].join('.')} className={styles.bad}>
          {[...problem.path.slice(path.length), problem.message].join(' ')}
        </p>
      ))}
      <Members {...{ edited, path, value, problems }} members={known} />
      {others.map(([each, inner], index) => {
        const at = [...path, each];
        return (
          any && (
            <Member
              key={`${removed} ${each}`}
              {...{ edited, path: at }}
              member={any}
              label={rows ? words.row(index + 1, nameOf(inner)) : each}
              value={inner}
              problems={problems.filter((problem) => isWithin(problem.path, at))}
              added={index === added}
              onRemove={() => {
                setAdded(-1);
                setRemoved(removed + 1);
                edited.change({ path: at, value: undefined });
                add.current?.focus();
              }}
            />
          )
        );
      })}
      {any && (
        <div className={styles.buttons}>
          {named && (
            <TextField
              label={words.name(label)}
              value={name}
              onChange={setName}
              error={taken ? words.taken : null}
              control={{
                onKeyDown: (event) => {
                  if (event.key !== 'Enter') return;
                  event.preventDefault();
                  addRow();
                },
              }}
            />
          )}
          <Button ref={add} onClick={addRow}>
            {words.add(label)}
          </Button>
        </div>
      )}
    </>
  );
}

/** What a row begins with. */
const nameOf = (row: unknown): string => Object.values(row ?? {}).find((each) => typeof each === 'string') ?? '';

export interface FoldProps {
  readonly label: string;
  readonly description?: string | null;
  /** How many things are wrong in it. */
  readonly wrong: number;
  readonly open?: boolean | undefined;
  /** Its first control takes the focus. */
  readonly focused?: boolean | undefined;
  readonly children: ReactNode;
}

/** Opens by itself where something is wrong in it. */
export function Fold({ label, description, wrong, open: first = false, focused = false, children }: FoldProps) {
  const [open, setOpen] = useState(first);
  const content = useRef<HTMLDivElement>(null);
  const bad = wrong > 0;
  useEffect(() => {
    if (bad) setOpen(true);
  }, [bad]);
  useEffect(() => {
    if (focused) content.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }, [focused]);
  return (
    <details className={styles.fold} open={open}>
      <summary
        onClick={(event) => {
          event.preventDefault();
          setOpen(!open);
        }}
      >
        {label} {bad && <span className={styles.bad}>{words.wrong(wrong)}</span>}
      </summary>
      {open && (
        <div ref={content} role="group" aria-label={label} className={styles.members}>
          {description != null && <p className={styles.about}>{description}</p>}
          {children}
        </div>
      )}
    </details>
  );
}
