// The members of a profile as a form shows them: made from the JSON Schema that editors complete from, so that a member is
// described once, where its shape is. Pure.
import { profileJsonSchema } from '../json-schema.ts';

export const MEMBER_KINDS = [
  'TEXT',
  'LONG_TEXT',
  'NUMBER',
  'FLAG',
  'CHOICE',
  'TEXTS',
  'NUMBERS',
  'CHOICES',
  'GROUP',
  'ROWS',
  'ANY',
] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** Stands in a path for any entry of a list, and for any name of a group whose names are free. */
export const ANY_STEP = '*';

export interface ProfileMember {
  readonly path: readonly string[];
  readonly label: string;
  readonly description: string | null;
  readonly kind: MemberKind;
  /** Whether it must be there. */
  readonly required: boolean;
  /** What holds where it is absent; `null`: nothing. */
  readonly fallback: unknown;
  /** JSON of the one value that may stand in its place: `null`, `false`, `"all"`; `null`: there is none. */
  readonly instead: string | null;
  /** Of a choice or choices. */
  readonly choices: readonly string[];
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** The keywords that a profile's schema has. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Longer ones are read in lines. */
const MAX_LINE = 255;

/** `CREATE` stays; `defaultOverlapSeconds` is "Default overlap seconds". */
function labelOf(name: string): string {
  if (name === name.toUpperCase()) return name;
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^ip\b/, 'IP');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A schema without the one value that may stand in its place, and that value as JSON. */
function withoutInstead(schema: Schema): readonly [Schema, string | null] {
  const { anyOf, ...rest } = schema;
  const value = anyOf?.find((each) => each.type === 'null' || 'const' in each);
  const other = anyOf?.find((each) => each !== value);
  if (!anyOf || !value || !other) return [schema, null];
  return [{ ...other, ...rest }, JSON.stringify(value.const ?? null)];
}

const KINDS: Readonly<Record<string, MemberKind>> = {
  boolean: 'FLAG',
  integer: 'NUMBER',
  number: 'NUMBER',
  object: 'GROUP',
};

function kindOf({ type = '', maxLength, items, ...schema }: Schema): MemberKind {
  if (schema.enum) return 'CHOICE';
  if (items) return listKindOf(items);
  // Of labels the schema says no type: an editor reads a name such as `30` as a number.
  if (type === 'string' || (type === '' && maxLength !== undefined))
    return (maxLength ?? 0) > MAX_LINE ? 'LONG_TEXT' : 'TEXT';
  return KINDS[type] ?? 'ANY';
}

function listKindOf(entry: Schema): MemberKind {
  const kind = kindOf(entry);
  return kind === 'GROUP' ? 'ROWS' : kind === 'CHOICE' ? 'CHOICES' : kind === 'NUMBER' ? 'NUMBERS' : 'TEXTS';
}

function membersOf(given: Schema, path: readonly string[], required: boolean): readonly ProfileMember[] {
  const [schema, instead] = withoutInstead(given);
  const kind = kindOf(schema);
  const member: ProfileMember = {
    path,
    label: labelOf(path.at(-1) ?? ''),
    description: schema.description ?? null,
    kind,
    required,
    fallback: schema.default ?? null,
    instead,
    choices: schema.enum ?? schema.items?.enum ?? [],
    minimum: schema.minimum ?? null,
    maximum: schema.maximum ?? null,
  };
  return [member, ...membersWithin(schema, kind, path)];
}

function membersWithin(schema: Schema, kind: MemberKind, path: readonly string[]): readonly ProfileMember[] {
  if (kind === 'ROWS') return membersOf(schema.items ?? {}, [...path, ANY_STEP], true);
  const { properties = {}, additionalProperties: free, propertyNames: names, required = [] } = schema;
  const known = Object.entries(properties).flatMap(([name, inner]) =>
    membersOf(inner, [...path, name], required.includes(name)),
  );
  if (!free) return known;
  const named = names?.enum ?? names?.anyOf?.find((each) => each.enum)?.enum ?? [];
  // Names that are all known need no other.
  const others = names?.enum ? [] : [ANY_STEP];
  return [...known, ...[...named, ...others].flatMap((name) => membersOf(free, [...path, name], false))];
}

/** All of them: each group before what is in it, in the order of the schema. */
export const PROFILE_MEMBERS: readonly ProfileMember[] = membersWithin(profileJsonSchema(), 'GROUP', []);

/** The member that a path leads to; `undefined`: a profile has none there. */
export const memberAt = (path: readonly string[]): ProfileMember | undefined =>
  PROFILE_MEMBERS.find(
    (member) =>
      member.path.length === path.length && member.path.every((step, at) => step === path[at] || step === ANY_STEP),
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A profile as its source says it, with the rows that hold where it names none: each of them can be changed by itself. */
export function withFallbackRows(profile: unknown): unknown {
  return PROFILE_MEMBERS.filter(
    ({ kind, path, fallback }) => kind === 'ROWS' && !path.includes(ANY_STEP) && fallback !== null,
  ).reduce((value, { path, fallback }) => withFallback(value, path, fallback), profile);
}

function withFallback(value: unknown, [step, ...further]: readonly string[], fallback: unknown): unknown {
  if (step === undefined) return value ?? fallback;
  if (value !== undefined && !isObject(value)) return value;
  const at = value?.[step];
  const next = withFallback(at, further, fallback);
  return next === at ? value : { ...value, [step]: next };
}
