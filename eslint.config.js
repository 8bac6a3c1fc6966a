// Lint: typescript-eslint's strict rules, and the import directions of the flow (the folder names the step).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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
  // Knows the API alone, by the documents that are generated in it.
  console: ['console'],
};
const presets = readdirSync(join(import.meta.dirname, 'keyspaces'))
  .map((file) => file.replace('.yaml', ''))
  .filter((name) => name !== 'default');
/** Whole paths from the root, so that test/events is no part of events; the first that fits is the one. */
const elements = [
  'services/verifier',
  'services/shared',
  'services/client',
  'events',
  'projections',
  'schema',
  'services',
  'console',
  'test',
  'bench',
];

const says = (selector, message) => ({ selector, message });
/** A product is known by its profile, never by its name; and the page runs under a policy without `unsafe-*`. */
const inConsole = [
  ...[
    'BinaryExpression[operator=/^[!=]==?$/] > MemberExpression[property.name="slug"]',
    'SwitchStatement > MemberExpression.discriminant[property.name="slug"]',
  ].map((selector) => says(selector, 'The profile decides, not the name of the keyspace.')),
  says(
    'BinaryExpression[operator=/^[!=]==?$/] > Identifier[name="slug"]',
    'The profile decides, not the name of the keyspace.',
  ),
  says(`Literal[value=/^(${presets.join('|')})$/]`, 'No product has a name here.'),
  says('JSXOpeningElement[name.name="style"]', 'Styles are in CSS modules.'),
  says('CallExpression[callee.property.name="setAttribute"][arguments.0.value="style"]', 'Styles are in CSS modules.'),
  says('JSXAttribute[name.name="dangerouslySetInnerHTML"]', 'Text is text.'),
  says('Property[key.name="dangerouslySetInnerHTML"]', 'Text is text.'),
  says('AssignmentExpression > MemberExpression.left[property.name=/^(inner|outer)HTML$/]', 'Text is text.'),
  says('CallExpression[callee.property.name="insertAdjacentHTML"]', 'Text is text.'),
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'test/generated', 'console/src/api/generated'] },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
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
    files: ['console/src/**'],
    rules: {
      'no-restricted-syntax': ['error', ...inConsole],
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage'],
      // A page's work is begun by events, which wait for nothing.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
