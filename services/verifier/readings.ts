// Readings of a logged check: what may have been asked, given what the request log keeps. Mostly there is one. What was taken
// out of it, addresses by erasure and texts that looked like credentials, was met or not: then there is one reading of each.
import type { LoggedRequest } from '../../events/usage.ts';
import { REDACTED } from '../shared/redact.ts';
import type { KeyPolicy } from './policy.ts';
import type { Ask } from './verify.ts';

export interface Reading {
  readonly ask: Ask;
  /** What the key's policy says to what is not known of the check. */
  readonly bend: (policy: KeyPolicy) => KeyPolicy;
}

const never = (): boolean => false;
const always = (): boolean => true;
const isTakenOut = (text: string | null | undefined): boolean => text?.includes(REDACTED) === true;

/** What of a policy changes where something is not known that it asks for: as if it was met, and as if it was not. */
interface Unknown {
  readonly met: (policy: KeyPolicy) => Partial<KeyPolicy>;
  readonly not: (policy: KeyPolicy) => Partial<KeyPolicy>;
}

const ADDRESS: Unknown = {
  met: () => ({ fromAddress: null }),
  not: ({ fromAddress }) => ({ fromAddress: fromAddress && never }),
};
const ORIGIN: Unknown = {
  met: () => ({ fromOrigin: null }),
  not: ({ fromOrigin }) => ({ fromOrigin: fromOrigin && never }),
};
const RESOURCE: Unknown = {
  met: () => ({ reaches: always }),
  not: ({ content }) => ({ reaches: content.resources.all ? always : never }),
};

/**
 * All readings of a check; empty where what is missing could have been anything.
 *
 * @param erased whether the addresses of the key's checks were erased since.
 */
export function readingsOf({ asked, origin, ip }: LoggedRequest, erased: boolean): readonly Reading[] {
  const { keyspace, environment, resource, scopes, permission, flags } = asked;
  if ([keyspace, environment, resource?.type].some(isTakenOut)) return [];
  const ask: Ask = {
    ...(keyspace === undefined ? {} : { keyspace }),
    ...(environment === undefined ? {} : { environment }),
    ...(resource ? { resource } : {}),
    ...(origin === null ? {} : { origin }),
    ...(ip === null ? {} : { ip }),
    // Of what must all be granted, the rest still must.
    ...(scopes ? { scopes: scopes.filter((scope) => !isTakenOut(scope)) } : {}),
    ...(permission === undefined || isTakenOut(permission) ? {} : { permission }),
    ...(flags ? { flags: flags.filter((flag) => !isTakenOut(flag)) } : {}),
  };
  const unknown = [
    ...(erased && ip === null ? [ADDRESS] : []),
    ...(isTakenOut(origin) ? [ORIGIN] : []),
    ...(isTakenOut(resource?.id) ? [RESOURCE] : []),
  ];
  const whole = unknown.reduce<readonly Reading[]>(
    (readings, { met, not }) =>
      readings.flatMap(({ bend }) =>
        [met, not].map((change) => ({ ask, bend: (policy: KeyPolicy) => ({ ...bend(policy), ...change(policy) }) })),
      ),
    [{ ask, bend: (policy) => policy }],
  );
  if (![...(scopes ?? []), permission, ...(flags ?? [])].some(isTakenOut)) return whole;
  const refused = ({ content }: KeyPolicy) => ({ grants: content.unrestricted ? always : never, hasFlag: never });
  const flag = (flags ?? []).some(isTakenOut) ? { flags: ['-'] } : {};
  return whole.flatMap(({ bend }) => [
    { ask, bend },
    { ask: { ...ask, scopes: ['-'], ...flag }, bend: (policy) => ({ ...bend(policy), ...refused(policy) }) },
  ]);
}
