// The one field of a subscription is asked for without a condition: `@skip` or `@include` on it may leave none, which
// graphql-js fails at while it subscribes (GraphQL, September 2025, "Single root field").
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include']);

export const UnconditionalSubscriptionRule: ValidationRule = (context) => {
  const visit = ({ selections }: SelectionSetNode, seen: Set<FragmentDefinitionNode>): void => {
    for (const selection of selections) {
      const condition = selection.directives?.find(({ name }) => CONDITIONS.has(name.value));
      if (condition) {
        const message = 'The field of a subscription may not depend on @skip or @include.';
        context.reportError(new GraphQLError(message, { nodes: condition }));
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet, seen);
      if (selection.kind !== Kind.FRAGMENT_SPREAD) continue;
      const fragment = context.getFragment(selection.name.value);
      if (!fragment || seen.has(fragment)) continue;
      visit(fragment.selectionSet, seen.add(fragment));
    }
  };
  return {
    OperationDefinition: ({ operation, selectionSet }) => {
      if (operation === OperationTypeNode.SUBSCRIPTION) visit(selectionSet, new Set());
    },
  };
};
