// The banner: what a person reads when a process has started, with commands to paste.
import { resolve } from 'node:path';
import type { Running } from './serve.ts';
import type { Settings } from './shared/settings.ts';

const NAMES = { api: 'API', projector: 'Projector', verifier: 'Verifier' } as const;

export function banner(settings: Settings, { services }: Running): string {
  const addresses = services.flatMap(({ name, url }) =>
    url === null ? [] : [line(NAMES[name], name === 'api' ? `${url}/graphql` : url)],
  );
  if (settings.storage.kind === 'distributed') return ['', 'Keyfold is ready.', '', ...addresses, ''].join('\n');
  return [
    '',
    'Keyfold is ready.',
    '',
    ...addresses,
    line('Data', resolve(settings.dataFolder)),
    '',
    'Get a token for the API:',
    '',
    '  npx keyfold token --workspace demo --role admin',
    '',
    'Create a key and verify it:',
    '',
    '  npx keyfold keys create --name "My first key" --scopes orders:read | npx keyfold verify --scope orders:read',
    '',
  ].join('\n');
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(10)}${value}`;
}
