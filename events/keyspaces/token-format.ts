// Token formats: how the secrets of a keyspace are written and previewed. A key keeps the format of the profile version
// that it was made under, so every format that a keyspace has had is kept with it.
import type { Profile } from './profile.ts';

type Prefixed<E extends { readonly id: string; readonly prefix?: unknown }> = readonly Pick<E, 'id' | 'prefix'>[];

export interface TokenFormat extends Pick<Profile['credential'], 'preview'> {
  readonly types: Prefixed<Profile['types'][number]>;
  readonly environments: Prefixed<Profile['environments'][number]>;
}

/** A format, and the profile version that brought it. */
export interface DatedFormat {
  readonly since: number;
  readonly format: TokenFormat;
}

export function tokenFormat({ types, environments, credential: { preview } }: Profile): TokenFormat {
  return { types: types.map(prefixed), environments: environments.map(prefixed), preview };
}

/** What a secret shows of it; what it is called is no matter of formats. */
const prefixed = <E extends { readonly id: string; readonly prefix: unknown }>({
  id,
  prefix,
}: E): Pick<E, 'id' | 'prefix'> => ({
  id,
  prefix,
});

/** The formats after a profile's next version; those that are as before take no room. */
export function withFormat(formats: readonly DatedFormat[], since: number, profile: Profile): readonly DatedFormat[] {
  const format = tokenFormat(profile);
  const last = formats.at(-1);
  return last && JSON.stringify(last.format) === JSON.stringify(format) ? formats : [...formats, { since, format }];
}

/** The format of a profile version. */
export function formatAt(formats: readonly DatedFormat[], version: number): TokenFormat | undefined {
  return formats.findLast(({ since }) => since <= version)?.format;
}

/** What stands before the last `_` of a key of this type and environment; the type is one of the format's. */
export function secretPrefix({ types, environments }: TokenFormat, type: string, environment: string | null): string {
  const prefix = types.find(({ id }) => id === type)?.prefix;
  if (prefix === undefined) throw new TypeError('no key of this type can be made');
  if (environment === null) return prefix;
  return `${prefix}_${environments.find(({ id }) => id === environment)?.prefix ?? environment}`;
}

/** What keys of the format can begin with, by type and environment, without the last `_`. */
export function secretPrefixes(format: TokenFormat): readonly string[] {
  const { types, environments } = format;
  const choices = environments.length > 0 ? environments.map(({ id }) => id) : [null];
  return types.flatMap(({ id }) => choices.map((environment) => secretPrefix(format, id, environment)));
}
