// Lint: typescript-eslint's strict rules, and the import directions of the flow (the folder names the step).
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

// Element → what it may import. A verifier runs without the schema, and what all services share knows none of them.
const mayImport = {
  events: ['events'],
  projections: ['projections', 'events'],
  schema: ['schema', 'projections', 'events'],
  'services/verifier': ['services/verifier', 'services/shared', 'projections', 'events'],
  'services/shared': ['services/shared', 'projections', 'events'],
  // Runs in other people's services: it brings nothing along.
  'services/client': ['services/client'],
  services: ['services', 'services/verifier', 'services/shared', 'schema', 'projections', 'events'],
};
/** Whole paths from the root, so that test/events is no part of events; the first that fits is the one. */
const elements = [
  'services/verifier',
  'services/shared',
  'services/client',
  'events',
  'projections',
  'schema',
  'services',
  'test',
  'bench',
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'test/generated'] },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries },
    settings: {
      'boundaries/elements': elements.map((folder) => ({ type: folder, pattern: folder, partialMatch: false })),
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            ...Object.entries(mayImport).map(([from, to]) => ({
              from: { element: { type: from } },
              allow: { to: { element: { types: { anyOf: to } } } },
            })),
            {
              from: { element: { types: { anyOf: ['test', 'bench'] } } },
              allow: { to: { element: { types: { anyOf: elements } } } },
            },
          ],
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
