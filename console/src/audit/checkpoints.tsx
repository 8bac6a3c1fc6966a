// What was signed of the whole history, newest first, and the export that it proves.
import { useClient } from 'urql';
import { AuditCheckpointsDocument, type AuditCheckpointsQuery } from '../api/generated/graphql.ts';
import { usePages } from '../api/pages.ts';
import { MoreRows } from '../app/more-rows.tsx';
import { NoRows } from '../app/no-rows.tsx';
import { Button } from '../components/button.tsx';
import keyStyles from '../key/key-page.module.css';
import { auditTexts } from '../texts/audit-texts.ts';
import { formatDateTime, formatNumber } from '../texts/format.ts';
import styles from './audit.module.css';
import { useExport, type ExportState } from './use-export.ts';

const words = auditTexts.checkpoints;
const { columns } = auditTexts;
const PAGE_SIZE = 50;
const MEGABYTE = 1e6;
const PUBLISHED = '/.well-known/keyfold';
const checkpointsOf = (data: AuditCheckpointsQuery) => data.workspace?.checkpoints;

export function Checkpoints({ workspace }: { readonly workspace: string }) {
  const client = useClient();
  const pages = usePages({
    client,
    document: AuditCheckpointsDocument,
    variables: { workspace, first: PAGE_SIZE },
    select: checkpointsOf,
  });
  const { rows, refresh } = pages;
  const { state, start, stop } = useExport(workspace, refresh);
  return (
    <div className={styles.panel}>
      <section className={styles.proof} aria-label={words.export}>
        <p>{words.exportHelp}</p>
        <div className={keyStyles.row}>
          <Button kind="primary" busy={state.kind === 'running'} onClick={start}>
            {words.export}
          </Button>
          {state.kind === 'running' && <Button onClick={stop}>{words.stop}</Button>}
          <ExportStatus state={state} />
        </div>
      </section>
      <p className={keyStyles.muted}>{words.help}</p>
      <p className={keyStyles.row}>
        <a href={`${PUBLISHED}/checkpoints`} download="checkpoints.json">
          {words.all}
        </a>
        <a href={`${PUBLISHED}/checkpoint-keys`} download="checkpoint-keys.json">
          {words.keys}
        </a>
      </p>
      <NoRows {...pages} none={words.none} />
      {rows.length > 0 && (
        <div className={keyStyles.wide} role="region" aria-label={words.label} tabIndex={0}>
          <table className={keyStyles.plain}>
            <thead>
              <tr>
                {[columns.number, columns.time, columns.count, columns.position, columns.root].map((heading) => (
                  <th key={heading} scope="col">
                    {heading}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, number, time, count, position, root }) => (
                <tr key={id}>
                  <th scope="row">{formatNumber(number)}</th>
                  <td>
                    <time dateTime={time}>{formatDateTime(time)}</time>
                  </td>
                  <td>{formatNumber(count)}</td>
                  <td>
                    <code>{position}</code>
                  </td>
                  <td>
                    <code>{root}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > 0 && <MoreRows {...pages} label={auditTexts.more} />}
    </div>
  );
}

function ExportStatus({ state }: { readonly state: ExportState }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'running':
      return (
        <span role="status" className={keyStyles.muted}>
          {words.received(formatNumber(Math.round((state.bytes / MEGABYTE) * 10) / 10))}
        </span>
      );
    case 'done':
      return <span role="status">{words.done}</span>;
    case 'cut':
      return <span role="alert">{words.cut}</span>;
    case 'refused':
      return <span role="alert">{words.refused(state.message)}</span>;
  }
}
