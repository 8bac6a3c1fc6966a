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
    `  ${given(settings, services, ['KEYFOLD_DATA'])}npx keyfold token --workspace demo --role admin`,
    '',
    'Create a key and verify it:',
    '',
    `  ${given(settings, services, ['KEYFOLD_DATA', 'KEYFOLD_URL'])}npx keyfold keys create --name "My first key" --scopes orders:read \\`,
    `    | ${given(settings, services, ['KEYFOLD_VERIFIER_URL'])}npx keyfold verify --scope orders:read`,
    '',
  ].join('\n');
}

const DEFAULTS = {
  KEYFOLD_DATA: resolve('./data'),
  KEYFOLD_URL: 'http://127.0.0.1:4000',
  KEYFOLD_VERIFIER_URL: 'http://127.0.0.1:4100',
};

/** What a pasted command must be told in an empty shell: only what is not the default. */
function given(settings: Settings, services: Running['services'], names: readonly (keyof typeof DEFAULTS)[]): string {
  const url = (name: 'api' | 'verifier'): string => services.find((service) => service.name === name)?.url ?? '';
  const values = {
    KEYFOLD_DATA: resolve(settings.dataFolder),
    KEYFOLD_URL: url('api'),
    KEYFOLD_VERIFIER_URL: url('verifier'),
  };
  return names
    .filter((name) => values[name] !== DEFAULTS[name])
    .map((name) => `${name}='${values[name]}' `)
    .join('');
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(10)}${value}`;
}
