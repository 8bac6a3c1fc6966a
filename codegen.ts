// Code generation (npm run codegen): the schema in its own language, typed documents for the tests, and the page that
// says who may do what. Needs no network.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema/index.ts';
import { PROFILE_SCHEMA, profileSchemaPreset } from './test/tools/profile-schema.ts';
import { ROLES_PAGE, rolesPreset } from './test/tools/roles-page.ts';

export default {
  // Sorted, so that the text changes only where the schema does.
  schema: printSchema(lexicographicSortSchema(schema)),
  documents: 'test/**/*.graphql',
  generates: {
    'schema/schema.graphql': { plugins: ['schema-ast'] },
    [ROLES_PAGE]: { preset: rolesPreset },
    [PROFILE_SCHEMA]: { preset: profileSchemaPreset },
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { DateTime: 'string', Position: 'string', JSON: 'unknown' },
        importExtension: '.ts',
      },
    },
  },
} satisfies CodegenConfig;
