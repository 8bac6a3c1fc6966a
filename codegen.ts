// Code generation (npm run codegen): the schema in its own language, typed documents for the console and the tests, and
// the page that says who may do what. Needs no network.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema/index.ts';
import { consoleDocumentsPreset } from './test/tools/console-documents.ts';
import { CONSOLE_SCHEMA, consoleSchemaPreset } from './test/tools/console-schema.ts';
import { eventDocuments } from './test/tools/event-documents.ts';
import { PROFILE_SCHEMA, profileSchemaPreset } from './test/tools/profile-schema.ts';
import { ROLES_PAGE, rolesPreset } from './test/tools/roles-page.ts';

const documents = {
  preset: 'client',
  presetConfig: { fragmentMasking: false },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    strictScalars: true,
    scalars: { DateTime: 'string', Position: 'string', JSON: 'unknown' },
    importExtension: '.ts',
  },
} as const;

export default {
  // Sorted, so that the text changes only where the schema does.
  schema: printSchema(lexicographicSortSchema(schema)),
  generates: {
    'schema/schema.graphql': { plugins: ['schema-ast'] },
    [ROLES_PAGE]: { preset: rolesPreset },
    [PROFILE_SCHEMA]: { preset: profileSchemaPreset },
    ...eventDocuments,
    'test/generated/': { ...documents, documents: 'test/**/*.graphql' },
    'console/src/api/generated/': {
      ...documents,
      preset: consoleDocumentsPreset,
      documents: 'console/src/**/*.graphql',
      config: { ...documents.config, nonOptionalTypename: true },
    },
    [CONSOLE_SCHEMA]: { preset: consoleSchemaPreset },
  },
} satisfies CodegenConfig;
