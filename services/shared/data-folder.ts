// The secrets of an embedded installation: peppers, sealing and checkpoint keys and the local issuer's key, made once in the data
// folder (mode 0600). One that is damaged, unreadable or gone from under the data is refused by name, never made anew:
// without the old one every key and every personal detail would be lost.
import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes, type JsonWebKey } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { createDurableFile, createPrivateFolder } from './durable-file.ts';
import { exposedTo } from './file-mode.ts';
import { formatKeyList, keyList, type NamedKey } from './key-list.ts';

/** An Ed25519 key pair as a private JWK (RFC 8037). */
export type IssuerKey = z.infer<typeof issuerKey>;

export interface DataFolder {
  /** Newest first. */
  readonly peppers: readonly NamedKey[];
  readonly sealingKeys: readonly NamedKey[];
  readonly checkpointKeys: readonly NamedKey[];
  readonly issuerKey: IssuerKey;
  readonly warnings: readonly string[];
}

/** A file of the data folder cannot be used; the message names it. */
export class DataFolderError extends Error {
  readonly code = 'DATA_FOLDER';
  /** What to do. */
  readonly advice: string;

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

const KEY_BYTES = 32;
const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const issuerKey = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    kid: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    x: base64url32,
    d: base64url32,
  })
  .refine((key) => key.x === publicHalf(key));
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.issues.push({ code: 'custom', message: 'is no JSON', input: undefined });
    return z.NEVER;
  }
});

/** What belongs to the private half: a pair whose halves do not belong together signs what nobody can verify. */
function publicHalf(key: JsonWebKey): string | undefined {
  return createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' }).x;
}

interface SecretFile<T> {
  readonly name: string;
  readonly type: z.ZodType<T, string>;
  readonly make: () => string | Promise<string>;
  /** Whether data was made with it, so that a new one is no substitute. */
  readonly bound: boolean;
}

const PEPPERS: SecretFile<readonly NamedKey[]> = {
  name: 'peppers',
  type: keyList({ exactly: false }),
  make: makeKeyList,
  bound: true,
};
const SEALING_KEYS: SecretFile<readonly NamedKey[]> = {
  name: 'sealing-keys',
  type: keyList({ exactly: true }),
  make: makeKeyList,
  bound: true,
};
/** What it has signed stays provable without it: the public half is kept beside the checkpoints. */
const CHECKPOINT_KEYS: SecretFile<readonly NamedKey[]> = {
  name: 'checkpoint-keys',
  type: keyList({ exactly: true }),
  make: makeKeyList,
  bound: false,
};
const ISSUER: SecretFile<IssuerKey> = {
  name: 'issuer.json',
  type: json.pipe(issuerKey),
  make: async () => `${JSON.stringify(await makeIssuerKey())}\n`,
  bound: false,
};

/**
 * Opens the data folder, making it and its secrets when they are absent.
 *
 * @throws {@link DataFolderError}
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  await attempt(folder, 'made', () => createPrivateFolder(folder));
  const names = await attempt(folder, 'read', () => readdir(folder));
  const inUse = names.some((name) => name.includes('.db'));
  const warnings = await folderWarnings(folder, names);
  const secret = async <T>(file: SecretFile<T>): Promise<T> => {
    const path = join(folder, file.name);
    if (!(await exists(path))) {
      if (inUse && file.bound)
        throw new DataFolderError(`${path} is missing, but ${folder} holds data that was made with it`, RESTORE);
      const content = await file.make();
      await attempt(path, 'made', () => createDurableFile(path, content));
    }
    return readSecretFile(path, file.type, warnings);
  };
  return {
    peppers: await secret(PEPPERS),
    sealingKeys: await secret(SEALING_KEYS),
    checkpointKeys: await secret(CHECKPOINT_KEYS),
    issuerKey: await secret(ISSUER),
    warnings,
  };
}

/**
 * The local issuer's key of a data folder that a process has made already; makes nothing.
 *
 * @throws {@link DataFolderError}
 */
export async function readIssuerKey(folder: string): Promise<IssuerKey> {
  const path = join(folder, ISSUER.name);
  if (!(await exists(path))) {
    throw new DataFolderError(`there is no ${path}`, 'start Keyfold first, or set KEYFOLD_DATA to its data folder');
  }
  return readSecretFile(path, ISSUER.type, []);
}

const RESTORE = 'put it back from a backup; Keyfold never makes a new one in its place';

async function readSecretFile<T>(path: string, type: z.ZodType<T, string>, warnings: string[]): Promise<T> {
  const text = await attempt(path, 'read', () => readFile(path, 'utf8'));
  const result = type.safeParse(text.trim());
  if (!result.success) throw new DataFolderError(`${path} is damaged`, RESTORE);
  const { mode } = await attempt(path, 'read', () => stat(path));
  const exposed = exposedTo(mode);
  if (exposed !== null) warnings.push(`${path} ${exposed}: chmod 600 it`);
  return result.data;
}

const WRITABLE_BY_OTHER_USERS = 0o022;
const ENTERED_BY_OTHERS = 0o001;

/** Whoever may write in the folder may put another file in the place of one; whoever may not enter it reads none. */
async function folderWarnings(folder: string, names: readonly string[]): Promise<string[]> {
  const modeOf = async (path: string): Promise<number> => (await attempt(path, 'read', () => stat(path))).mode;
  const mode = await modeOf(folder);
  const warnings: string[] = [];
  if ((mode & WRITABLE_BY_OTHER_USERS) !== 0)
    warnings.push(`${folder} can be changed by other users of this machine, files in it be replaced: chmod 700 it`);
  if ((mode & ENTERED_BY_OTHERS) === 0) return warnings;
  for (const name of names.filter((each) => each.endsWith('.db')).sort()) {
    const exposed = exposedTo(await modeOf(join(folder, name)));
    if (exposed !== null) warnings.push(`${join(folder, name)} ${exposed}: chmod 600 it, and chmod 700 ${folder}`);
  }
  return warnings;
}

async function exists(path: string): Promise<boolean> {
  return attempt(path, 'read', () => stat(path)).then(
    () => true,
    (error: unknown) => {
      if (error instanceof DataFolderError && (error.cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function attempt<T>(path: string, what: 'made' | 'read', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new DataFolderError(`${path} cannot be ${what} (${code})`, adviceFor(code), { cause: error });
  }
}

function adviceFor(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'let the user that Keyfold runs as read and write it, or set KEYFOLD_DATA to a folder of that user';
    case 'EROFS':
      return 'set KEYFOLD_DATA to a folder on a disk that can be written';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'make room on the disk that holds it';
    default:
      return 'set KEYFOLD_DATA to a folder that can be read and written';
  }
}

function makeKeyList(): string {
  const id = `${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`;
  return `${formatKeyList([{ id, key: randomBytes(KEY_BYTES) }])}\n`;
}

/** A new Ed25519 key pair under a random key id. */
export async function makeIssuerKey(): Promise<IssuerKey> {
  const { privateKey } = await promisify(generateKeyPair)('ed25519');
  return issuerKey.parse({ ...privateKey.export({ format: 'jwk' }), kid: randomBytes(12).toString('base64url') });
}
