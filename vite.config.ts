// Builds the console into dist/console: hashed files, nothing inlined, so that it runs under a policy without `unsafe-*`.
// `npx vite` serves it while it is worked on, in front of an API at KEYFOLD_URL.
import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { defineConfig, type UserConfig } from 'vite';

const api = process.env.KEYFOLD_URL ?? 'http://127.0.0.1:4000';
const PATHS = ['/graphql', '/session', '/v1', '/.well-known'];

/**
 * What is loaded together, in one file, which compresses better than many small ones: the list of keys; the dialogs that it
 * loads next; the forms; what the other pages share. The first that fits has it.
 */
const groups = [
  { name: 'list', tags: ['$initial' as const] },
  { name: 'dialog', test: /components\/(dialog|later)|session-over|shortcuts-dialog/ },
  { name: 'forms', test: /console\/src\/(form|edit|create|reveal)\// },
  { name: 'shared', minShareCount: 2 },
];

const settings: UserConfig = {
  root: join(import.meta.dirname, 'console'),
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, 'dist', 'console'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    // What each page loads: the test of their sizes reads it.
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { codeSplitting: { groups } },
      // No module of ours or of a library reads a property or a global for what that would bring about.
      treeshake: { propertyReadSideEffects: false, unknownGlobalSideEffects: false },
    },
    chunkSizeWarningLimit: 1000, // that test has the limits
  },
  // The API takes a browser's requests from its own origin alone.
  server: { proxy: Object.fromEntries(PATHS.map((path) => [path, { target: api, headers: { origin: api } }])) },
};

export default defineConfig(({ command }) => {
  // Tests build the console, too, and it is to be the one that is shipped.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return settings;
});
