// Checks of types, prefixes, headers and the preview.
import type { Problem } from '../../problem.ts';
import { scopeCatalogue } from '../permissions.ts';
import { isRestricted, type Profile } from '../profile.ts';
import { secretPrefix, tokenFormat } from '../token-format.ts';
import { problem, repeated, unknown, when } from './problems.ts';

/** Headers that are the protocol's or the gateway's own. */
const TAKEN = new Set([
  'host',
  'cookie',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'origin',
  'upgrade',
  'te',
  'forwarded',
  'expect',
  'trailer',
  'keep-alive',
  'user-agent',
  'accept',
  'via',
  'x-real-ip',
  'x-request-id',
  'content-encoding',
  'range',
  'date',
  'age',
  'vary',
  'location',
  'etag',
  'set-cookie',
  'referer',
  'cache-control',
  'pragma',
  'http2-settings',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-http-method-override',
  'x-rewrite-url',
]);
const TAKEN_BEGINNINGS = [
  'x-forwarded-',
  'x-original-',
  'access-control-',
  'content-',
  'if-',
  'x-keyfold-',
  'x-envoy-',
  'accept-',
  'sec-',
  'proxy-',
];
const isTaken = (name: string): boolean => TAKEN.has(name) || TAKEN_BEGINNINGS.some((begin) => name.startsWith(begin));
const MAX_SHOWN = 12;

export function tokenProblems(profile: Profile): readonly Problem[] {
  const { types, environments, credential } = profile;
  const { headers, preview } = credential;
  return [
    ...repeated(types, ({ id }) => id, ['types'], 'id'),
    ...repeated(environments, ({ id }) => id, ['environments'], 'id'),
    ...types.flatMap((_, index) => typeProblems(profile, index)),
    ...prefixProblems(profile),
    ...repeated(headers, ({ name }) => name.toLowerCase(), ['credential', 'headers'], 'name'),
    ...headers.flatMap(({ name }, index) =>
      when(
        isTaken(name.toLowerCase()),
        ['credential', 'headers', index, 'name'],
        'must be a header of its own: this one has another use',
      ),
    ),
    ...when(
      preview.first + preview.last > MAX_SHOWN,
      ['credential', 'preview'],
      `must not show more than ${MAX_SHOWN} characters`,
    ),
  ];
}

function typeProblems(profile: Profile, index: number): readonly Problem[] {
  const type = profile.types[index];
  if (type === undefined) return [];
  const { permissions, restrictions } = profile;
  const at = ['types', index];
  const catalogue = new Set(scopeCatalogue(permissions).scopes.map(({ id }) => id));
  const supreme = new Set(permissions.superScopes);
  const limited = isRestricted(type);
  const fewest = type.unrestricted === 'NEVER' || !permissions.unrestrictedAllowed ? permissions.minimum : 0;
  return [
    ...when(
      type.unrestricted === 'ALWAYS' && !permissions.unrestrictedAllowed,
      [...at, 'unrestricted'],
      'must not be ALWAYS: permissions.unrestrictedAllowed is false',
    ),
    ...when(
      type.unrestricted === 'ALWAYS' && type.public,
      [...at, 'unrestricted'],
      'must not be ALWAYS: everybody can read keys of a public type',
    ),
    ...when(
      type.originsRequired && !restrictions.origins,
      [...at, 'originsRequired'],
      'must be false: restrictions.origins is false',
    ),
    ...(type.scopes === null || permissions.freeForm
      ? []
      : unknown(type.scopes, catalogue, [...at, 'scopes'], 'a scope of permissions')),
    ...(limited ? (type.scopes ?? []) : []).flatMap((scope, place) =>
      when(supreme.has(scope), [...at, 'scopes', place], 'must not be a super scope: keys of this type are restricted'),
    ),
    ...when(
      type.scopes !== null && type.unrestricted !== 'ALWAYS' && type.scopes.length < fewest,
      [...at, 'scopes'],
      `must have at least ${fewest} entries: permissions.minimum`,
    ),
  ];
}

/** Every key must tell by its prefix what it is. */
function prefixProblems(profile: Profile): readonly Problem[] {
  const { types, environments } = profile;
  const format = tokenFormat(profile);
  const seen = new Set<string>();
  const choices = environments.length > 0 ? environments.map(({ id }) => id) : [null];
  return types.flatMap(({ id }, index) => {
    const mine = choices.map((environment) => secretPrefix(format, id, environment));
    const clashes = new Set(mine).size < mine.length || mine.some((prefix) => seen.has(prefix));
    for (const prefix of mine) seen.add(prefix);
    return clashes
      ? [problem(['types', index, 'prefix'], 'must make another prefix for every type and environment')]
      : [];
  });
}
