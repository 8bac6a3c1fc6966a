// The tests that need nothing but Node: every *.test.ts; those with another name before it
// want more: *.services Kafka and MongoDB, *.gateways nginx and Caddy, *.browser Chromium.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql, the one that Node itself resolves: vite would take the .mjs beside it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.services.test.ts', 'test/**/*.gateways.test.ts', 'test/**/*.browser.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
