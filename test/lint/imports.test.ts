// The import directions of the flow: the linter refuses a step that reaches forward, in every form an import can have.
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = `${import.meta.dirname}/../..`;
// No other rule is asked, so no types are needed.
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => ruleId === 'boundaries/dependencies',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

async function violations(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${root}/${file}` });
  return (
    result?.messages.flatMap(({ ruleId, message }) => (ruleId === 'boundaries/dependencies' ? [message] : [])) ?? []
  );
}

const FORBIDDEN = [
  ['events/fields.ts', '../projections/rows.ts'],
  ['events/key/state.ts', '../../services/shared/health.ts'],
  ['projections/rows.ts', '../schema/context.ts'],
  ['projections/stores/embedded.ts', '../../services/shared/health.ts'],
  ['schema/context.ts', '../services/shared/health.ts'],
  ['services/verifier/verify.ts', '../../schema/context.ts'],
  ['services/verifier/verify.ts', '../api/front.ts'],
  ['services/verifier/verify.ts', '../serve.ts'],
  ['services/shared/health.ts', '../verifier/verify.ts'],
  ['services/shared/health.ts', '../../schema/context.ts'],
  ['services/client/client.ts', '../verifier/request.ts'],
  ['services/client/client.ts', '../shared/headers.ts'],
  ['services/client/client.ts', '../../events/secret.ts'],
  ['services/client/client.ts', '../../projections/rows.ts'],
  ['services/client/client.ts', '../../schema/context.ts'],
  ['services/client/client.ts', '../serve.ts'],
  ['services/verifier/verify.ts', '../client/client.ts'],
  ['services/api/front.ts', '../../test/fakes/wake.ts'],
  ['events/fields.ts', '../test/events/given.ts'],
  ['console/src/api/pages.ts', '../../../schema/global-ids.ts'],
  ['console/src/keys/key-cell.tsx', '../../../events/fields.ts'],
  ['services/api/front.ts', '../../console/src/api/command-id.ts'],
] as const;

const ALLOWED = [
  ['projections/rows.ts', '../events/catalogue.ts'],
  ['schema/context.ts', '../projections/rows.ts'],
  ['services/verifier/verify.ts', '../shared/health.ts'],
  ['services/api/front.ts', '../verifier/verify.ts'],
  ['services/serve.ts', './verifier/verifier.ts'],
  ['services/client/guard.ts', './client.ts'],
  ['test/client/guarded.ts', '../../services/client/index.ts'],
  ['test/events/given.ts', '../../projections/rows.ts'],
  ['test/verifier/support.ts', '../../schema/context.ts'],
  ['console/src/keys/key-cell.tsx', '../api/pages.ts'],
  ['test/console/format.test.ts', '../../console/src/texts/format.ts'],
] as const;

const FORMS = {
  import: (path: string) => `import { x } from '${path}';\nx();`,
  'import type': (path: string) => `import type { X } from '${path}';\nexport const x: X = 1;`,
  're-export': (path: string) => `export { x } from '${path}';`,
  'dynamic import': (path: string) => `export const x = () => import('${path}');`,
};

describe('import directions', () => {
  it.each(FORBIDDEN)('%s may not import %s, in whatever form', async (file, path) => {
    for (const [form, write] of Object.entries(FORMS)) {
      expect(await violations(file, write(path)), form).toHaveLength(1);
    }
  });

  it.each(ALLOWED)('%s may import %s', async (file, path) => {
    for (const write of Object.values(FORMS)) expect(await violations(file, write(path))).toEqual([]);
  });
});
