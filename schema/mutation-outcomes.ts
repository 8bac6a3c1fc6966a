// Mutation outcomes: every mutation that ran is told of, by name and outcome, once, whoever refused it: its role, the check
// of its input, the decision, or the way to the log.
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from './context.ts';

/** Of a mutation that threw: a defect, which its caller is told of as INTERNAL. */
const DEFECT = 'Internal';

/** Wraps the resolver of each mutation, so that `onMutation` of the context hears of it. */
export function tellOutcomes(schema: GraphQLSchema): void {
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = async (source, args, context: Context, info) => {
      const arrived = performance.now();
      let outcome = DEFECT;
      try {
        const result: unknown = await resolve(source, args, context, info);
        outcome = outcomeOf(result);
        return result;
      } finally {
        context.onMutation?.(name, outcome, (performance.now() - arrived) / 1000);
      }
    };
  }
}

/** Of the members of a mutation's union the errors have a `type`. */
function outcomeOf(result: unknown): string {
  return typeof result === 'object' && result !== null && 'type' in result ? String(result.type) : 'ok';
}
