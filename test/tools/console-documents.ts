// The console's documents as texts, a fifth of what their syntax trees are to load: its client parses those that it is
// asked for. Each is a constant, with its fragments in it, so that the bundler puts it where it is used.
import { preset as client } from '@graphql-codegen/client-preset';
import { Kind, print, stripIgnoredCharacters, visit } from 'graphql';
import type { ASTNode, DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';

type Preset = typeof client;
interface Source {
  readonly document?: DocumentNode;
}

const IMPORT = `import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';`;
const pascal = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function fragmentsOf(node: ASTNode, all: ReadonlyMap<string, FragmentDefinitionNode>): Set<FragmentDefinitionNode> {
  const found = new Set<FragmentDefinitionNode>();
  const look = (within: ASTNode): void => {
    visit(within, {
      FragmentSpread({ name }) {
        const fragment = all.get(name.value);
        if (!fragment || found.has(fragment)) return;
        found.add(fragment);
        look(fragment);
      },
    });
  };
  look(node);
  return found;
}

function textOf(operation: OperationDefinitionNode, all: ReadonlyMap<string, FragmentDefinitionNode>): string {
  const name = operation.name?.value ?? '';
  const type = `${name}${pascal(operation.operation)}`;
  const definitions = [operation, ...fragmentsOf(operation, all)];
  const text = stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions }));
  return `export const ${name}Document = ${JSON.stringify(text)} as unknown as DocumentNode<${type}, ${type}Variables>;`;
}

function texts(sources: readonly Source[]): { readonly prepend: string[]; readonly content: string } {
  const definitions = sources.flatMap(({ document }) => document?.definitions ?? []);
  const all = new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return { prepend: [IMPORT], content: operations.map((operation) => textOf(operation, all)).join('\n') };
}

/** The client preset's types, with documents of ours; without its tag, which is not used. */
export const consoleDocumentsPreset: Preset = {
  ...client,
  async buildGeneratesSection(options) {
    const sections = await client.buildGeneratesSection(options);
    return sections
      .filter(({ filename }) => filename.endsWith('/graphql.ts'))
      .map((section) => ({
        ...section,
        pluginMap: {
          ...section.pluginMap,
          'typed-document-node': { plugin: (_schema: unknown, sources: readonly Source[]) => texts(sources) },
        },
      }));
  },
};
