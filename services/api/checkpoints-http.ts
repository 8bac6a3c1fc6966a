// GET /.well-known/keyfold/checkpoints and …/checkpoint-keys: what was signed, and the public keys that sign or have signed.
// For everybody, without a credential: they name no workspace and no key. The more who keep them, the better.
import type { ServerResponse } from 'node:http';
import type { CheckpointReads } from '../../projections/checkpoints.ts';
import type { Logger } from '../shared/logger.ts';
import { refuse, REFUSALS, type FrontRefusal } from './answers.ts';
import { inTime } from './deadline.ts';
import type { Route } from './routes.ts';

const FOLDER = '/.well-known/keyfold/';
const READ_MS = 5000;
const MAX_PAGE = 100;
const PAGE = 20;
/** What was signed never changes; what is newest does. */
const FOR_NOW = 'public, max-age=30';
const FOR_EVER = 'public, max-age=31536000, immutable';

const ONLY_GET = { ...REFUSALS.method, message: 'Use GET.', headers: { allow: 'GET, HEAD' } } as const;
const AWAY = { status: 503, code: 'UNAVAILABLE', message: 'The read store does not answer: ask again.' } as const;
const badInput = (message: string): FrontRefusal => ({ status: 400, code: 'BAD_USER_INPUT', message });

interface Answer {
  readonly cache: string;
  readonly type: string;
  readonly body: object;
}

export interface CheckpointsHttpOptions {
  readonly checkpoints: CheckpointReads;
  readonly logger: Pick<Logger, 'warn'>;
}

export function createCheckpointsHttp({ checkpoints, logger }: CheckpointsHttpOptions): Route {
  async function page(query: URLSearchParams): Promise<Answer | FrontRefusal> {
    const [before, limit] = [integerOf(query.get('before')), integerOf(query.get('limit')) ?? PAGE];
    if (Number.isNaN(before)) return badInput('before must be the number of a checkpoint.');
    if (!(limit >= 1 && limit <= MAX_PAGE)) return badInput(`limit must be a whole number from 1 to ${MAX_PAGE}.`);
    const range = { ...(before === null ? {} : { below: before }), newestFirst: true, limit };
    const rows = await checkpoints.list(range);
    const [first, last] = [rows[0]?.checkpoint.number ?? 0, rows.at(-1)?.checkpoint.number ?? 0];
    const settled = before !== null && first === before - 1 && first > 0;
    return {
      cache: settled ? FOR_EVER : FOR_NOW,
      type: 'application/json',
      // Numbers have no gaps: before the first there is none.
      body: { checkpoints: rows, before: last > 1 ? last : null },
    };
  }

  async function keys(): Promise<Answer> {
    const kept = [...(await checkpoints.keys())].map(([kid, key]) => ({ ...key, kid, alg: 'EdDSA', use: 'sig' }));
    return { cache: FOR_NOW, type: 'application/jwk-set+json', body: { keys: kept } };
  }

  const answers: Readonly<Record<string, (query: URLSearchParams) => Promise<Answer | FrontRefusal>>> = {
    checkpoints: page,
    'checkpoint-keys': keys,
  };
  const byName = new Map(Object.entries(answers));

  async function answer(response: ServerResponse, head: boolean, reading: Promise<Answer | FrontRefusal>) {
    try {
      const found = await inTime(reading, READ_MS);
      if ('status' in found) refuse(response, found);
      else send(response, head, found);
    } catch (error) {
      logger.warn({ err: error }, 'checkpoints could not be read');
      refuse(response, AWAY);
    }
  }

  return ({ method }, response, path, search) => {
    const read = path.startsWith(FOLDER) ? byName.get(path.slice(FOLDER.length)) : undefined;
    if (read === undefined) return null;
    // Any page may read what everybody may.
    response.setHeader('access-control-allow-origin', '*');
    if (method === 'GET' || method === 'HEAD')
      return answer(response, method === 'HEAD', read(new URLSearchParams(search)));
    refuse(response, ONLY_GET);
    return Promise.resolve();
  };
}

function send(response: ServerResponse, head: boolean, { cache, type, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': cache,
  });
  response.end(head ? undefined : text);
}

/** `null`: absent. */
function integerOf(text: string | null): number | null {
  if (text === null) return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
