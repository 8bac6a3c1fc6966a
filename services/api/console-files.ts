// The console's files, as npm run build has made them. They are few and small: read once, kept in memory, looked up by
// their path alone, so that no path leads out of the folder and a build under a running process changes nothing half-way.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { presetsFolder } from './presets.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface ConsoleFile {
  readonly type: string;
  /** Its name holds a hash of its content. */
  readonly immutable: boolean;
  /** Of its content: quoted, as ETag has it. */
  etag(encoding: Encoding): string;
  /** What it is worth to be sent as. */
  readonly encodings: readonly Encoding[];
  body(encoding: Encoding): Promise<Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const MIN_COMPRESSED = 1024;
const BROTLI_QUALITY = 9;
/** Where the build puts what has a hash in its name. */
const HASHED = '/assets/';

/** Where the build lies. */
export const consoleFolder = (): string => join(dirname(presetsFolder()), 'dist', 'console');

/** All files by their path, `/assets/…`; `null`: nothing was built there. */
export async function readConsoleFiles(folder: string): Promise<ReadonlyMap<string, ConsoleFile> | null> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const files = new Map<string, ConsoleFile>();
  for (const entry of found) {
    const path = join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/');
    // What begins with a dot is the build's own.
    if (!entry.isFile() || path.includes('/.')) continue;
    files.set(path, fileOf(path, await readFile(join(folder, path))));
  }
  return files.has('/index.html') ? files : null;
}

function fileOf(path: string, content: Buffer): ConsoleFile {
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  const bodies = new Map<Encoding, Promise<Buffer>>();
  return {
    type,
    immutable: path.startsWith(HASHED),
    etag: (encoding) => `"${hash}-${encoding}"`,
    encodings:
      type.endsWith('charset=utf-8') && content.length >= MIN_COMPRESSED ? ['br', 'gzip', 'identity'] : ['identity'],
    body(encoding) {
      const body = bodies.get(encoding) ?? compressed(content, encoding);
      bodies.set(encoding, body);
      return body;
    },
  };
}

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

function compressed(content: Buffer, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'br':
      return brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
    case 'gzip':
      return zip(content, { level: 9 });
    case 'identity':
      return Promise.resolve(content);
  }
}
