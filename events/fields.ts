// The fields of keys, keyspaces and commands, each with its one validation; events, commands, GraphQL and settings share them.
// A field may be widened, never narrowed: what lies in the log is read through it. A narrower rule belongs to a command.
import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseIpv6 } from './addresses.ts';
import { decodeRecordPosition } from './position.ts';

/** Well-formed Unicode without NUL, at which stores and shells cut text. */
const isPlainText = (value: string): boolean => !value.includes('\u0000') && value.isWellFormed();

/** Text that every store keeps byte-exact: well-formed Unicode without NUL, at most `max` characters (code points). */
export const text = (max: number) =>
  z
    .string()
    .max(max, `must have at most ${max} characters`)
    .refine(isPlainText, 'must be well-formed text without NUL characters');

const slug = (max: number, what: string) =>
  z
    .string()
    .regex(new RegExp(`^[a-z][a-z0-9_-]{0,${max - 1}}$`), `must be ${what}: lower-case letters, digits, - and _`);

const distinct = <T extends z.ZodType<string>>(item: T, max: number) =>
  z
    .array(item)
    .max(max, `must have at most ${max} entries`)
    .refine((items) => new Set(items).size === items.length, 'must not name anything twice');

export const workspaceId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1–64 letters, digits, - or _, beginning with a letter or digit');
export const keyId = z.string().regex(/^key_[0-9A-Za-z]{22}$/, 'must be a key id');
export const keyspaceSlug = slug(40, 'a slug').refine(
  (value) => value !== 'keys' && value !== 'audit',
  'must not be "keys" or "audit": these are pages of every workspace',
);
export const commandId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1–64 of A–Z a–z 0–9 _ -');

export const name = text(128).regex(/\S/, 'must not be empty');
export const description = text(1024);
export const note = text(1024);
export const discardReason = text(1024).refine((value) => value.trim() !== '', 'must not be empty');
export const ownerId = text(128).refine(
  (value) => value.trim() !== '' && !value.includes('@'),
  'must be an opaque id of your directory, not an e-mail address',
);
export const email = text(254).regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');
export const tags = distinct(text(64).min(1, 'must not be empty'), 50);

const METADATA_BYTES = 4096;
const METADATA_LEVELS = 4;
/** Whether a JSON value has at most that many levels. Never looks further down, however deep a hostile value is. */
export const hasLevels = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((member) => hasLevels(member, levels - 1)));
const isPlain = (value: unknown): boolean => {
  if (typeof value === 'string') return isPlainText(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => name !== '__proto__' && isPlainText(name) && isPlain(member));
};
/** Whether every number in a JSON value is `good`. */
export const hasOnlyNumbers = (good: (number: number) => boolean, value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every((member) => hasOnlyNumbers(good, member))
    : typeof value !== 'number' || good(value);
/** A JSON object of at most 4 KiB and 4 levels. */
export const metadata = z
  .unknown()
  .refine((value) => hasLevels(value, METADATA_LEVELS), { error: 'must have at most 4 levels', abort: true })
  .refine(isPlain, 'must hold well-formed text without NUL characters, and no member "__proto__"')
  .refine((value) => hasOnlyNumbers(Number.isFinite, value), 'must hold no number beyond ±1.79e308: none is kept')
  .pipe(z.record(z.string(), z.json(), 'must be an object'))
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES,
    'must have at most 4096 bytes as JSON',
  );

export const scope = z.string().regex(/^[A-Za-z0-9_.:*/-]{1,64}$/, 'must be 1–64 letters, digits or _ . : * / -');
export const scopes = distinct(scope, 100);
export const unrestricted = z.boolean();
export const resourceId = text(128).min(1, 'must not be empty');
/** All resources, or the ones listed. */
export const resources = z
  .strictObject({ all: z.boolean(), ids: distinct(resourceId, 500) })
  .refine((value) => !value.all || value.ids.length === 0, 'must not list ids when all are allowed');
export const flags = distinct(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, 'must be a flag name'), 20);
export const keyType = slug(40, 'a key type');
export const environment = slug(40, 'an environment');

const HOST = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ORIGIN = new RegExp(
  `^([a-z][a-z0-9+.-]{0,30})://(?:(?:\\*\\.)?${HOST}(?:\\.${HOST})*|\\[([0-9a-f:.]+)\\])(?::([1-9]\\d{0,4}))?$`,
);
/** Browsers leave these out of `Origin`: an entry with one would never match. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };
const isOrigin = (value: string): boolean => {
  const match = ORIGIN.exec(value);
  if (!match) return false;
  const [, scheme = '', address, port] = match;
  if (address !== undefined && isIP(address) !== 6) return false;
  return port === undefined || (Number(port) <= 65_535 && DEFAULT_PORTS[scheme] !== port);
};
/** `scheme://host(:port)` in lower case; `*.` stands for exactly one label. Compared with the raw header, never parsed. */
export const origin = z
  .string()
  .max(255)
  .refine(isOrigin, 'must be scheme://host or scheme://host:port in lower case, without a path or a default port');
export const origins = distinct(origin, 50);
/** What a command may set: more was taken once, and events that hold it are read for ever. */
const settableOrigin = origin
  .refine((value) => /^https?:/.test(value), 'must begin with http:// or https://')
  .refine(
    (value) => !value.includes('*') || value.split('.').length > 2,
    'must have at least two labels behind the wildcard',
  );
export const settableOrigins = distinct(settableOrigin, 50);

const isNetwork = (value: string): boolean => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  if (bits === undefined) return true;
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const start = family === 4 ? ipaddr.IPv4.parse(address) : parseIpv6(address);
  const cidr = `${start.toNormalizedString()}/${bits}`;
  const network = (family === 4 ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(cidr);
  return network.toNormalizedString() === start.toNormalizedString();
};
/** An address or a network whose host bits are zero, IPv4 or IPv6. */
export const ipRange = z
  .string()
  .max(64)
  .refine(isNetwork, 'must be an IP address or a network in CIDR form with no host bits set');
export const ipRanges = distinct(ipRange, 100);
/** `limit` requests in any `windowSeconds` seconds. */
export const rateLimit = z.strictObject({
  limit: z.int().min(1).max(1_000_000),
  windowSeconds: z.int().min(1).max(86_400),
});

/** The token of one record's position, as `discardRecord` names it. */
export const recordPosition = z
  .string()
  .max(64)
  .refine((value) => decodeRecordPosition(value) !== null, 'must be the position of a record');

/** RFC 3339, UTC, milliseconds: the one form that is stored, so that text order is time order. */
export const instant = z
  .string()
  .regex(
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/,
    'must be an RFC 3339 time',
  )
  .refine((value) => {
    const time = Date.parse(value);
    return !Number.isNaN(time) && new Date(time).toISOString() === value;
  }, 'must be a day that exists');

export type RateLimit = z.infer<typeof rateLimit>;
export type Resources = z.infer<typeof resources>;
export type Metadata = z.infer<typeof metadata>;
