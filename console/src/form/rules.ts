// The rules of a field as its keyspace gives them: JSON Schema, of which the words are known that such rules are made of.
// What else there is the server judges.

export type Rules = Readonly<Record<string, unknown>>;

/** The word of the rules that a value does not meet, and what the word asks for. */
export interface Breach {
  readonly rule: string;
  readonly asked: unknown;
}

type Check = (value: unknown, asked: unknown) => Breach | null | boolean;

const isObject = (value: unknown): value is Rules =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const lengthOf = (value: unknown): number | null => (typeof value === 'string' ? Array.from(value).length : null);
const sizeOf = (value: unknown): number | null => (Array.isArray(value) ? value.length : null);
const least = (size: number | null, asked: unknown): boolean => size === null || size >= Number(asked);
const most = (size: number | null, asked: unknown): boolean => size === null || size <= Number(asked);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  array: Array.isArray,
  object: isObject,
  null: (value) => value === null,
};

const CHECKS: Readonly<Record<string, Check>> = {
  type: (value, asked) => TYPES[String(asked)]?.(value) ?? true,
  minLength: (value, asked) => least(lengthOf(value), asked),
  maxLength: (value, asked) => most(lengthOf(value), asked),
  pattern: (value, asked) => typeof value !== 'string' || new RegExp(String(asked), 'u').test(value),
  minimum: (value, asked) => least(numberOf(value), asked),
  maximum: (value, asked) => most(numberOf(value), asked),
  minItems: (value, asked) => least(sizeOf(value), asked),
  maxItems: (value, asked) => most(sizeOf(value), asked),
  const: (value, asked) => value === asked,
  enum: (value, asked) => !Array.isArray(asked) || asked.includes(value),
  not: (value, asked) => !isObject(asked) || breach(asked, value) !== null,
  anyOf: (value, asked) =>
    !Array.isArray(asked) || asked.some((rules: unknown) => !isObject(rules) || breach(rules, value) === null),
  items: (value, asked) =>
    Array.isArray(value) && isObject(asked) ? first(value, (item) => breach(asked, item)) : null,
  required: (value, asked) =>
    !isObject(value) || !Array.isArray(asked) || asked.every((name) => value[String(name)] !== undefined),
  properties: (value, asked) =>
    isObject(value) && isObject(asked)
      ? first(Object.entries(asked), ([name, rules]) =>
          value[name] === undefined || !isObject(rules) ? null : breach(rules, value[name]),
        )
      : null,
};

function first<Item>(items: readonly Item[], find: (item: Item) => Breach | null): Breach | null {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return null;
}

/** The first rule that a value does not meet; `null`: it meets all that are known here. */
export function breach(rules: Rules, value: unknown): Breach | null {
  return first(Object.entries(rules), ([rule, asked]) => {
    const found = CHECKS[rule]?.(value, asked) ?? null;
    if (found === false) return { rule, asked };
    return found === true ? null : found;
  });
}

/** What holds for a key of a type beside what holds for all. */
export function rulesFor(rules: Rules, type: string, unrestricted: boolean): readonly Rules[] {
  const ofType = isObject(rules['x-ofType']) ? rules['x-ofType'][type] : undefined;
  const restricted = unrestricted ? undefined : rules['x-unlessUnrestricted'];
  return [rules, ofType, restricted].filter(isObject);
}
