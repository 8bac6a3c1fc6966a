// Stand-ins: values that the schema of a profile takes, for what is wrong in a source. Several for one place, so that what
// holds for all of them does not hang on which one it is.
import { z } from 'zod';
import { profile } from './profile.ts';

/** 0: the default where there is one; 1, 2: values that are as far apart as the schema lets them be. */
export const VARIANTS = [0, 1, 2] as const;
export type Variant = (typeof VARIANTS)[number];

/** The schema of what stands at a path; `undefined`: nothing may. */
export function schemaAt(path: readonly string[]): z.core.$ZodType | undefined {
  return path.reduce<z.core.$ZodType | undefined>(member, profile);
}

function member(schema: z.core.$ZodType | undefined, step: string): z.core.$ZodType | undefined {
  if (schema instanceof z.core.$ZodObject) {
    const { shape } = schema._zod.def;
    return Object.hasOwn(shape, step) ? shape[step] : undefined;
  }
  if (schema instanceof z.core.$ZodArray) return schema._zod.def.element;
  if (schema instanceof z.core.$ZodRecord) return schema._zod.def.valueType;
  return isWrapped(schema) ? member(schema._zod.def.innerType, step) : undefined;
}

type Wrapped = z.core.$ZodOptional | z.core.$ZodDefault | z.core.$ZodPrefault | z.core.$ZodNullable;
const isDefaulted = (schema: unknown): schema is z.core.$ZodOptional | z.core.$ZodDefault | z.core.$ZodPrefault =>
  schema instanceof z.core.$ZodOptional ||
  schema instanceof z.core.$ZodDefault ||
  schema instanceof z.core.$ZodPrefault;
const isWrapped = (schema: unknown): schema is Wrapped => isDefaulted(schema) || schema instanceof z.core.$ZodNullable;

/**
 * A value that the schema takes; `undefined`: there need be none.
 *
 * @param id makes texts that stand nowhere else.
 */
export function standIn(schema: z.core.$ZodType | undefined, variant: Variant, id: string): unknown {
  if (isDefaulted(schema)) return variant === 0 ? undefined : standIn(schema._zod.def.innerType, variant, id);
  if (schema instanceof z.core.$ZodNullable)
    return variant === 2 ? null : standIn(schema._zod.def.innerType, variant, id);
  if (schema instanceof z.core.$ZodObject)
    return Object.fromEntries(
      Object.entries(schema._zod.def.shape).flatMap(([name, inner]: [string, z.core.$ZodType]) => {
        const value = isDefaulted(inner) ? undefined : standIn(inner, variant, id);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  if (schema instanceof z.core.$ZodArray) {
    const { element, checks = [] } = schema._zod.def;
    const length = Math.max(bound(checks, z.core.$ZodCheckMinLength) ?? 0, variant);
    return Array.from({ length }, (_, index) => standIn(element, variant, `${id}${index}`));
  }
  if (schema instanceof z.core.$ZodRecord) return {};
  if (schema instanceof z.core.$ZodEnum) return Object.values(schema._zod.def.entries)[variant];
  if (schema instanceof z.core.$ZodUnion) return standIn(schema._zod.def.options[0], variant, id);
  if (schema instanceof z.core.$ZodLiteral) return schema._zod.def.values[0];
  if (schema instanceof z.core.$ZodBoolean) return variant === 1;
  if (schema instanceof z.core.$ZodNumber) {
    const { checks = [] } = schema._zod.def;
    const least = bound(checks, z.core.$ZodCheckGreaterThan) ?? 0;
    return variant === 2 ? (bound(checks, z.core.$ZodCheckLessThan) ?? least) : least;
  }
  if (schema instanceof z.core.$ZodString) return textOf(id);
  return undefined;
}

/** Lower-case letters alone: names of any kind are made of them. */
const textOf = (id: string): string => `x${id.replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`;

type Bound = z.core.$ZodCheckMinLength | z.core.$ZodCheckGreaterThan | z.core.$ZodCheckLessThan;

/** What the check of this kind says, if there is one. */
function bound(checks: readonly z.core.$ZodCheck[], kind: abstract new (def: never) => Bound): number | undefined {
  for (const check of checks)
    if (check instanceof kind)
      return Number('minimum' in check._zod.def ? check._zod.def.minimum : check._zod.def.value);
  return undefined;
}
