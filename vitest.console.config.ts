// The console in a real browser: the system's Chromium, against real processes of Keyfold on embedded storage.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql, the one that Node itself resolves: vite would take the .mjs beside it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/console/**/*.browser.test.ts'],
    globalSetup: 'test/console/global-setup.ts',
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 15_000 } },
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
