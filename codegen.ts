// Code generation (npm run codegen): the schema in its own language, and typed documents for the tests. Needs no network.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema/index.ts';

export default {
  // Sorted, so that the text changes only where the schema does.
  schema: printSchema(lexicographicSortSchema(schema)),
  documents: 'test/**/*.graphql',
  generates: {
    'schema/schema.graphql': { plugins: ['schema-ast'] },
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
