// The facts of a key, in its keyspace's words; what it has none of is left out, unless that says something.
import { useRef, type ReactNode } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths.ts';
import { Chips } from '../components/chips.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Foreign } from '../components/foreign.tsx';
import { DateText, RelativeTime } from '../components/time.tsx';
import { chipsOf, METADATA, textOf } from '../keys/key-values.ts';
import { nameOf } from '../keys/keyspace-words.ts';
import { formatNumber } from '../texts/format.ts';
import { keyTexts } from '../texts/key-texts.ts';
import { texts } from '../texts/texts.ts';
import type { ShownKey } from './key-page.tsx';
import styles from './key-page.module.css';

const words = keyTexts.facts;

export interface KeyFactsProps {
  readonly shown: ShownKey;
  readonly workspace: string;
  readonly past: boolean;
}

/** Fields that are drawn in a way of their own, or elsewhere on the page. */
const DRAWN: ReadonlySet<string> = new Set(['name', 'expiresAt', 'resources', 'metadata']);
const CHIPS: ReadonlySet<string> = new Set(['scopes', 'flags', 'origins', 'ipRanges', 'tags']);

export function KeyFacts({ shown, workspace, past }: KeyFactsProps) {
  const view = shown.keyspace;
  const id = useRef<HTMLElement>(null);
  const fields = view.fields.filter(({ id: field }) => !DRAWN.has(field));
  const extra = Object.keys(shown.metadata ?? {}).filter(
    (name) => !view.fields.some((field) => field.id === METADATA + name),
  );
  return (
    <section className={styles.section} aria-label={words.heading}>
      <dl className={styles.facts}>
        <Fact label={words.keyId}>
          <span className={styles.row}>
            <code ref={id}>{shown.keyId}</code>
            <CopyButton kind="quiet" text={() => shown.keyId} source={id} name={keyTexts.copyId} />
          </span>
        </Fact>
        {fields.map(({ id: field, label }) => {
          if (CHIPS.has(field)) {
            const chips = chipsOf(field, shown, view);
            return chips.length === 0 ? null : (
              <Fact key={field} label={label}>
                <Chips chips={chips} />
              </Fact>
            );
          }
          const text = textOf(field, shown, view);
          return text === null || text === '' ? null : (
            <Fact key={field} label={label}>
              <Foreign text={text} />
            </Fact>
          );
        })}
        {extra.map((name) => (
          <Fact key={name} label={name}>
            <Foreign text={textOf(METADATA + name, shown, view) ?? ''} />
          </Fact>
        ))}
        {view.fields
          .filter(({ id: field }) => field === 'resources')
          .map(({ id: field, label }) => (
            <Fact key={field} label={label}>
              {shown.resources.all ? (
                (view.resourceAll ?? words.all)
              ) : shown.resources.ids.length === 0 ? (
                words.none
              ) : (
                <Chips chips={shown.resources.ids.map((resource) => ({ label: resource }))} />
              )}
            </Fact>
          ))}
        <Fact label={view.fields.find(({ id: field }) => field === 'expiresAt')?.label ?? words.expires}>
          {shown.expiresAt == null ? view.labels.noExpiry : <DateText time={shown.expiresAt} zone={view.timeZone} />}
        </Fact>
        <Fact label={texts.keys.created}>
          <DateText time={shown.createdAt} />
        </Fact>
        <Fact label={words.createdBy}>
          <Foreign text={shown.createdBy.id} />
        </Fact>
        {shown.lastRotatedAt != null && (
          <Fact label={words.rotated}>
            <DateText time={shown.lastRotatedAt} />
          </Fact>
        )}
        {!past && shown.actions.includes('SEE_USAGE') && (
          <>
            <Fact label={words.lastUsed}>
              {shown.lastUsedAt == null ? view.labels.neverUsed : <RelativeTime time={shown.lastUsedAt} />}
            </Fact>
            <Fact label={words.lastSeen}>
              {shown.lastSeenAt == null ? view.labels.neverUsed : <RelativeTime time={shown.lastSeenAt} />}
            </Fact>
            <Fact label={words.requests}>{formatNumber(shown.requestCount ?? 0)}</Fact>
          </>
        )}
        {shown.predecessor && (
          <Fact label={words.predecessor}>
            <Link href={paths.key(workspace, shown.predecessor.id)}>{nameOf(shown.predecessor)}</Link>
          </Fact>
        )}
        {shown.successors.length > 0 && (
          <Fact label={words.successors}>
            {shown.successors.map((successor) => (
              <Link key={successor.id} href={paths.key(workspace, successor.id)}>
                {nameOf(successor)}{' '}
              </Link>
            ))}
          </Fact>
        )}
        {shown.revocation && (
          <>
            <Fact label={words.revoked}>
              <DateText time={shown.revocation.at} />
            </Fact>
            <Fact label={words.revokedBy}>{shown.revocation.by.id}</Fact>
            {shown.revocation.reason != null && <Fact label={words.reason}>{shown.revocation.reason}</Fact>}
            {shown.revocation.note != null && (
              <Fact label={words.note}>
                <Foreign text={shown.revocation.note} />
              </Fact>
            )}
          </>
        )}
        <Fact label={words.version}>{formatNumber(shown.version)}</Fact>
      </dl>
    </section>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
