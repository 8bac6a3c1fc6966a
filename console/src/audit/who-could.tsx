// Which keys were let in with a scope, or to a resource, at a time.
import { useState } from 'react';
import { Link } from 'wouter';
import { AuditAccessDocument, type AuditAccessQuery, type KeyFilter } from '../api/generated/graphql.ts';
import { useClients } from '../api/clients-context.tsx';
import { usePages } from '../api/pages.ts';
import { MoreRows } from '../app/more-rows.tsx';
import { NoRows } from '../app/no-rows.tsx';
import { paths } from '../app/paths.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import keyStyles from '../key/key-page.module.css';
import { nameOf } from '../keys/keyspace-words.ts';
import { auditTexts } from '../texts/audit-texts.ts';
import { formatExact, localTime } from '../texts/format.ts';
import { ownerText, resourcesText, scopesText } from './access-words.ts';
import { timeOf, type AuditAddressState } from './audit-address.ts';
import styles from './audit.module.css';

const words = auditTexts.access;
const { columns } = auditTexts;
const PAGE_SIZE = 50;
const keysOf = (data: AuditAccessQuery) => data.workspace?.keys;

export interface WhoCouldProps extends AuditAddressState {
  readonly workspace: string;
}

export function WhoCould({ workspace, address, change }: WhoCouldProps) {
  const { at, scope, resource } = address;
  const [form, setForm] = useState({ at: at === null ? '' : localTime(Date.parse(at)), scope, resource });
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <div className={styles.panel}>
      <p className={keyStyles.muted}>{words.help}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const asked = { scope: form.scope.trim(), resource: form.resource.trim() };
          const missing = asked.scope === '' && asked.resource === '';
          setProblem(missing ? words.needed : null);
          if (!missing) change({ ...asked, at: timeOf(form.at, at, localTime) ?? new Date().toISOString() });
        }}
      >
        <TextField
          label={words.at}
          hint={words.now}
          type="datetime-local"
          value={form.at}
          onChange={(value) => setForm({ ...form, at: value })}
          control={{ step: 1 }}
        />
        <TextField
          label={words.scope}
          value={form.scope}
          onChange={(value) => setForm({ ...form, scope: value })}
          error={problem}
          control={{ maxLength: 128 }}
        />
        <TextField
          label={words.resource}
          value={form.resource}
          onChange={(value) => setForm({ ...form, resource: value })}
          control={{ maxLength: 256 }}
        />
        <Button type="submit" kind="primary">
          {words.ask}
        </Button>
      </form>
      {at !== null && (scope !== '' || resource !== '') && (
        <Keys
          workspace={workspace}
          at={at}
          filter={{
            status: ['ACTIVE'],
            ...(scope === '' ? {} : { allows: scope }),
            ...(resource === '' ? {} : { resource }),
          }}
        />
      )}
    </div>
  );
}

interface KeysProps {
  readonly workspace: string;
  readonly at: string;
  readonly filter: KeyFilter;
}

function Keys({ workspace, at, filter }: KeysProps) {
  const { uncached } = useClients();
  const pages = usePages({
    client: uncached,
    document: AuditAccessDocument,
    variables: { workspace, filter, asOf: at, first: PAGE_SIZE },
    select: keysOf,
  });
  const { ready, rows, total, error } = pages;
  const none = <NoRows {...pages} none={words.none} />;
  if (!ready || (error && rows.length === 0)) return none;
  return (
    <>
      <p role="status" className={keyStyles.muted}>
        {!pages.stale && words.told(words.count(total ?? rows.length), formatExact(at))}
      </p>
      {none}
      {rows.length > 0 && (
        <div className={keyStyles.wide} role="region" aria-label={words.label} tabIndex={0}>
          <table className={keyStyles.plain} aria-busy={pages.stale || undefined}>
            <thead>
              <tr>
                {[
                  columns.name,
                  columns.keyspace,
                  columns.owner,
                  columns.scopes,
                  columns.resources,
                  columns.expires,
                ].map((heading) => (
                  <th key={heading} scope="col">
                    {heading}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((key) => (
                <tr key={key.id}>
                  <td>
                    <Link href={`${paths.key(workspace, key.id)}?at=${encodeURIComponent(at)}`}>{nameOf(key)}</Link>{' '}
                    <code className={keyStyles.muted}>{key.preview}</code>
                  </td>
                  <td>{key.keyspace.name}</td>
                  <td>{ownerText(key)}</td>
                  <td>{scopesText(key)}</td>
                  <td>{resourcesText(key)}</td>
                  <td>
                    {key.expiresAt == null ? (
                      auditTexts.review.never
                    ) : (
                      <time dateTime={key.expiresAt}>{formatExact(key.expiresAt)}</time>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreRows {...pages} label={auditTexts.more} />
    </>
  );
}
