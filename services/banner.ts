// The banner: what a person reads when a process has started, with commands to paste.
import { resolve } from 'node:path';
import { shellLines } from './cli/format.ts';
import type { Running } from './serve.ts';
import type { Settings } from './shared/settings.ts';

const SERVICES = [
  { name: 'api', title: 'API', path: '/graphql' },
  { name: 'verifier', title: 'Verifier', path: '' },
  { name: 'projector', title: 'Projector', path: '' },
] as const;

export function banner(settings: Settings, { services }: Running): string {
  const addresses = SERVICES.flatMap(({ name, title, path }) => {
    const url = services.find((service) => service.name === name)?.url;
    return url == null ? [] : [line(title, url + path)];
  });
  if (settings.oidc && settings.publicUrl !== null && services.some(({ name }) => name === 'api'))
    addresses.push(line('Console', settings.publicUrl));
  if (settings.storage.kind === 'distributed') return ['', 'Keyfold is ready.', '', ...addresses, ''].join('\n');
  return [
    '',
    'Keyfold is ready.',
    '',
    ...addresses,
    line('Data', resolve(settings.dataFolder)),
    '',
    ...signInLines(settings, services),
    'Get a token for the API:',
    '',
    `  ${given(settings, services, ['KEYFOLD_DATA', 'AUTH_CLAIM'])}npx keyfold token --workspace demo --role admin`,
    '',
    `Create a key and verify it${settings.verifierToken === null ? '' : ', with VERIFIER_TOKEN set as it is here'}:`,
    '',
    `  ${given(settings, services, ['KEYFOLD_DATA', 'AUTH_CLAIM', 'KEYFOLD_URL'])}npx keyfold keys create --name "My first key" --scopes orders:read \\`,
    `    | ${given(settings, services, ['KEYFOLD_VERIFIER_URL'])}npx keyfold verify --scope orders:read`,
    '',
  ].join('\n');
}

/** Once, and for ten minutes: who comes later asks for another one. */
function signInLines(settings: Settings, services: Running['services']): readonly string[] {
  const link = services.find(({ name }) => name === 'api')?.signInLink?.() ?? null;
  if (link === null)
    return [
      'To sign in to the console, set PUBLIC_URL to the https:// address that browsers reach it under, and start again.',
      '',
    ];
  const another = `${given(settings, services, ['KEYFOLD_DATA', 'AUTH_CLAIM', 'KEYFOLD_URL'])}npx keyfold sign-in`;
  return [
    'Open the console; this link signs you in once, within 10 minutes:',
    '',
    `  ${link}`,
    '',
    'Get another one:',
    '',
    `  ${another}`,
    '',
  ];
}

const DEFAULTS = {
  KEYFOLD_DATA: resolve('./data'),
  AUTH_CLAIM: 'keyfold',
  KEYFOLD_URL: 'http://127.0.0.1:4000',
  KEYFOLD_VERIFIER_URL: 'http://127.0.0.1:4100',
};

/** What a pasted command must be told in an empty shell: only what is not the default. */
function given(settings: Settings, services: Running['services'], names: readonly (keyof typeof DEFAULTS)[]): string {
  const url = (name: 'api' | 'verifier'): string => services.find((service) => service.name === name)?.url ?? '';
  const values = {
    KEYFOLD_DATA: resolve(settings.dataFolder),
    AUTH_CLAIM: settings.authClaim,
    KEYFOLD_URL: url('api'),
    KEYFOLD_VERIFIER_URL: url('verifier'),
  };
  const others = names.filter((name) => values[name] !== DEFAULTS[name]);
  return shellLines(Object.fromEntries(others.map((name) => [name, values[name]])))
    .map((assignment) => `${assignment} `)
    .join('');
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(10)}${value}`;
}
