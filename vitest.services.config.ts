// The same suites on real Kafka and MongoDB: KAFKA_BROKERS and MONGODB_URL are set by test/services/run.ts.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql, the one that Node itself resolves: vite would take the .mjs beside it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.services.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
