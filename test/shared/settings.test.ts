// Settings: every one with its default, its edges and its refusal; all problems at once.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings, type Settings } from '../../services/shared/settings.ts';

const key = (id: string, bytes = 32): string => `${id}:${randomBytes(bytes).toString('base64')}`;
const DISTRIBUTED = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  MONGODB_URL: 'mongodb://127.0.0.1:27017/keyfold',
  KEYFOLD_PEPPERS: key('p1'),
  KEYFOLD_SEALING_KEYS: key('s1'),
  KEYFOLD_CHECKPOINT_KEYS: key('c1'),
  AUTH_ISSUER: 'https://login.example.com/',
  AUTH_AUDIENCE: 'keyfold',
  AUTH_JWKS_URL: 'https://login.example.com/jwks.json',
};

function settingsOf(environment: Record<string, string>): Settings {
  const loaded = loadSettings(environment);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.settings;
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  const loaded = loadSettings(environment);
  return loaded.ok ? [] : loaded.problems;
}

const without = (name: keyof typeof DISTRIBUTED): Record<string, string> =>
  Object.fromEntries(Object.entries(DISTRIBUTED).filter(([other]) => other !== name));

describe('defaults', () => {
  it('an empty environment is one process on embedded storage', () => {
    expect(loadSettings({})).toEqual({
      ok: true,
      warnings: [],
      settings: {
        services: ['api', 'projector', 'verifier'],
        host: '127.0.0.1',
        ports: { api: 4000, verifier: 4100, projector: 4200 },
        dataFolder: './data',
        storage: { kind: 'embedded' },
        peppers: null,
        sealingKeys: null,
        checkpointKeys: null,
        checkpointEvents: 1000,
        checkpointIntervalMs: 600_000,
        auth: null,
        oidc: null,
        maxTokenAgeMs: 3_600_000,
        authClaim: 'keyfold',
        acceptLostDataKeys: false,
        verifierToken: null,
        verifierMaxKeys: 1_000_000,
        maxStalenessMs: 30_000,
        trustedProxies: [],
        consoleOrigins: [],
        publicUrl: null,
        logLevel: 'info',
      },
    });
  });

  it('an empty variable counts as unset, as composed services write it', () => {
    const names = [...Object.keys(DISTRIBUTED), 'HOST', 'API_PORT', 'KEYFOLD_SERVICES', 'LOG_LEVEL', 'VERIFIER_TOKEN'];
    const empty = Object.fromEntries(
      names.flatMap((name) => [
        [name, ''],
        [`${name}_FILE`, ''],
      ]),
    );
    expect(loadSettings(empty)).toEqual(loadSettings({}));
  });

  it('Kafka and MongoDB have theirs', () => {
    expect(settingsOf(DISTRIBUTED)).toMatchObject({
      storage: {
        kind: 'distributed',
        mongodbUrl: DISTRIBUTED.MONGODB_URL,
        kafka: {
          brokers: ['127.0.0.1:9092'],
          topicPrefix: 'keyfold',
          partitions: 6,
          replicationFactor: null,
          ssl: false,
          sasl: null,
        },
      },
      auth: { issuer: 'https://login.example.com/', audience: 'keyfold', typ: 'at+jwt' },
      peppers: [{ id: 'p1' }],
      sealingKeys: [{ id: 's1' }],
    });
  });
});

describe('what goes together', () => {
  it.each(['KAFKA_BROKERS', 'MONGODB_URL'] as const)('%s alone is not set is refused by its name', (name) => {
    expect(problemsOf(without(name))).toEqual([
      expect.stringMatching(new RegExp(`^${name} is not set: Kafka and MongoDB go together`)),
    ]);
  });

  it.each([
    'KEYFOLD_PEPPERS',
    'KEYFOLD_SEALING_KEYS',
    'KEYFOLD_CHECKPOINT_KEYS',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
    'AUTH_JWKS_URL',
  ] as const)('without embedded storage %s is required, and nothing else is complained of', (name) => {
    expect(problemsOf(without(name))).toEqual([expect.stringMatching(new RegExp(`^${name} is not set: `))]);
  });

  it('an identity provider of an embedded installation is named whole or not at all', () => {
    expect(problemsOf({ AUTH_ISSUER: 'https://a.example' })).toHaveLength(2);
  });

  it.each(['api', 'projector', 'verifier', 'api,verifier'])(
    'services %s need Kafka and MongoDB, and the reason is given',
    (services) => {
      expect(problemsOf({ KEYFOLD_SERVICES: services })).toEqual([
        expect.stringMatching(/^KEYFOLD_SERVICES .*one process.*KAFKA_BROKERS and MONGODB_URL/),
      ]);
      expect(settingsOf({ ...DISTRIBUTED, KEYFOLD_SERVICES: services }).services).toEqual(services.split(','));
    },
  );

  it('SASL is set whole or not at all', () => {
    const sasl = {
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_SASL_USERNAME: 'keyfold',
      KAFKA_SASL_PASSWORD: 'swordfish',
    };
    expect(settingsOf({ ...DISTRIBUTED, ...sasl, KAFKA_SSL: 'true' })).toMatchObject({
      storage: {
        kafka: { ssl: true, sasl: { mechanism: 'scram-sha-256', username: 'keyfold', password: 'swordfish' } },
      },
    });
    for (const name of Object.keys(sasl)) {
      const rest = Object.fromEntries(Object.entries(sasl).filter(([other]) => other !== name));
      expect(problemsOf({ ...DISTRIBUTED, ...rest })).toEqual([
        expect.stringMatching(new RegExp(`^${name} is not set`)),
      ]);
    }
  });

  it('API and verifier do not share a port, unless each asks for any free one', () => {
    expect(problemsOf({ API_PORT: '4100' })).toEqual([expect.stringMatching(/^VERIFIER_PORT /)]);
    expect(settingsOf({ API_PORT: '0', VERIFIER_PORT: '0' }).ports).toMatchObject({ api: 0, verifier: 0 });
  });

  const PROVIDER = {
    AUTH_ISSUER: 'https://login.example.com/',
    AUTH_AUDIENCE: 'https://keys.example.com/api',
    AUTH_JWKS_URL: 'https://login.example.com/jwks.json',
  };
  const CLIENT = { AUTH_CLIENT_ID: 'console', AUTH_CLIENT_SECRET: 'secret', PUBLIC_URL: 'https://keys.example.com' };

  it('the console signs in at the identity provider as a client, which all of it names', () => {
    const { oidc, publicUrl } = settingsOf({ ...PROVIDER, ...CLIENT });
    expect(publicUrl).toBe('https://keys.example.com');
    const audience = PROVIDER.AUTH_AUDIENCE;
    const parameters = { scope: 'openid', audience, resource: audience };
    expect(oidc).toEqual({ clientId: 'console', clientSecret: 'secret', parameters });
    expect(settingsOf({ ...PROVIDER, ...CLIENT, AUTH_AUDIENCE: 'keyfold' }).oidc?.parameters).toEqual({
      ...{ scope: 'openid', audience: 'keyfold' },
    });
    const own = { AUTH_CLIENT_PARAMETERS: 'scope=openid+email+api%3A%2F%2Fkeyfold%2F.default&prompt=login' };
    expect(settingsOf({ ...PROVIDER, ...CLIENT, ...own }).oidc?.parameters).toEqual({
      ...{ scope: 'openid email api://keyfold/.default', prompt: 'login' },
    });
    for (const name of ['AUTH_CLIENT_ID', 'AUTH_CLIENT_SECRET', 'PUBLIC_URL'])
      expect(problemsOf({ ...PROVIDER, ...CLIENT, [name]: '' })).toEqual([
        expect.stringMatching(new RegExp(`^${name} is not set: .*go together`)),
      ]);
    expect(problemsOf(CLIENT).map((each) => each.split(' ')[0])).toEqual(Object.keys(PROVIDER));
    expect(problemsOf({ ...PROVIDER, ...CLIENT, AUTH_ISSUER: 'login.example.com' })).toEqual([
      expect.stringMatching(/^AUTH_ISSUER must be an https/),
    ]);
    // For an address alone nobody need be asked.
    expect(settingsOf({ PUBLIC_URL: CLIENT.PUBLIC_URL })).toMatchObject({ oidc: null, publicUrl: CLIENT.PUBLIC_URL });
  });

  it('all problems are reported at once, each by its name', () => {
    const problems = problemsOf({
      MONGODB_URL: 'postgres://x',
      API_PORT: '70000',
      HOST: 'not a host',
      LOG_LEVEL: 'loud',
      AUTH_JWKS_URL: 'http://login.example.com/jwks',
      TRUSTED_PROXIES: '10.0.0.1/8',
      KEYFOLD_PEPPERS: 'p1:c2hvcnQ=',
      MAX_STALENESS_MS: 'soon',
    });
    const names = problems.map((problem) => problem.split(' ')[0]);
    expect(new Set(names)).toEqual(
      new Set([
        'KAFKA_BROKERS',
        'MONGODB_URL',
        'API_PORT',
        'HOST',
        'LOG_LEVEL',
        'AUTH_JWKS_URL',
        'AUTH_ISSUER',
        'AUTH_AUDIENCE',
        'TRUSTED_PROXIES',
        'KEYFOLD_PEPPERS',
        'KEYFOLD_SEALING_KEYS',
        'KEYFOLD_CHECKPOINT_KEYS',
        'MAX_STALENESS_MS',
      ]),
    );
  });
});

const TABLE: readonly (readonly [name: string, good: readonly string[], bad: readonly string[]])[] = [
  ['API_PORT', ['0', '1', '65535'], ['65536', '-1', '4e3', ' 80', 'http']],
  ['VERIFIER_PORT', ['0', '65535'], ['65536', 'x']],
  ['PROJECTOR_PORT', ['0', '65535'], ['65536', 'x']],
  ['HOST', ['0.0.0.0', '::', '::1', 'localhost', 'keyfold.internal', 'api_1'], ['a b', 'http://x', '-x', '[::1]']],
  [
    'KEYFOLD_SERVICES',
    ['all', 'api,projector,verifier', ' verifier , api,projector'],
    ['', 'web', 'api,api,projector,verifier', 'all,api', 'api,,verifier'].filter(Boolean),
  ],
  [
    'KAFKA_BROKERS',
    ['a:1', 'a:1,b:65535', '127.0.0.1:9092', '[::1]:9092'],
    ['a', 'a:0', 'a:65536', ':9092', 'a b:1', ','],
  ],
  ['KAFKA_TOPIC_PREFIX', ['keyfold', 'a.b-c_D9'], ['a b', '.a', 'ä', 'x'.repeat(101)]],
  ['KAFKA_PARTITIONS', ['1', '10000'], ['0', '10001', '1.5']],
  ['KAFKA_REPLICATION_FACTOR', ['1', '3'], ['0', '101']],
  ['KAFKA_USAGE_RETENTION', ['1h', '7d', '3650d'], ['59m', '3651d', '7', '1w', '-1d']],
  ['KAFKA_SSL', ['true', 'false', '1', '0'], ['yes', 'TRUE']],
  [
    'MONGODB_URL',
    [
      'mongodb://a/b',
      'mongodb://a',
      'mongodb://a:1,b.example:65535,[::1]:27017,127.0.0.1/keyfold?replicaSet=rs0&tls=true',
      'mongodb://u:p%40%2F%3A@a:27017/?authSource=$external&directConnection=true',
      'mongodb://u@a/b?authMechanismProperties=A:b,C:d',
      'mongodb://%2Ftmp%2Fmongodb-27017.sock/b',
      'mongodb+srv://u:p@a.example/b',
      'mongodb+srv://a.example.com/?retryWrites=true',
    ],
    [
      ...['http://a', 'mongodb:a', 'mongodb:///x', 'mongodb://', 'mongodb+srv://', 'mongodb://a b', 'mongodb://a/b c'],
      ...['mongodb://a:99999', 'mongodb://a:0', 'mongodb://a:b/x', 'mongodb://a:/x', 'mongodb://a,/x', 'mongodb://,a'],
      ...['mongodb://u:canary@b@a/x', 'mongodb://u:canary/x@a/b', 'mongodb://u:canary%zz@a/x', 'mongodb://:canary@a/x'],
      ...['mongodb://u:canary:p@a/x', 'mongodb://@a', 'mongodb://[::1', 'mongodb://[a]/x', 'mongodb://%zz.sock/x'],
      ...[
        'mongodb+srv://a.example:27017/x',
        'mongodb+srv://a.example,b.example/x',
        'mongodb://a/b.c',
        'mongodb://a/%zz',
      ],
      ...['mongodb://a/b?x', 'mongodb://a/b?=y', 'mongodb://a/b?x=', 'mongodb://a/b#x', 'mongodb://a?x=%zz'],
    ],
  ],
  [
    'KEYFOLD_PEPPERS',
    [key('a'), key('a', 128), `${key('b')},${key('a')}`, `${key('b')} , ${key('a')}`],
    [
      key('a', 31),
      key('a', 129),
      key('ä'),
      `${key('a')},${key('a')}`,
      randomBytes(32).toString('base64'),
      ':',
      'a:',
      'a:!!!!',
      `${key('a')},`,
    ],
  ],
  ['KEYFOLD_CHECKPOINT_KEYS', [key('a'), `${key('b')},${key('a')}`], [key('a', 31), key('a', 33)]],
  ['CHECKPOINT_EVENTS', ['1', '100000000'], ['0', '-1', '1.5', 'x', '100000001']],
  ['CHECKPOINT_INTERVAL', ['1s', '10m', '30d'], ['0s', '31d', 'x', '10']],
  ['KEYFOLD_SEALING_KEYS', [key('a'), `${key('b')},${key('a')}`], [key('a', 31), key('a', 33)]],
  ['AUTH_ISSUER', ['https://a.example', 'urn:x'], [' ', 'a ', ' a']],
  ['AUTH_AUDIENCE', ['keyfold', 'https://api.example'], [' ']],
  [
    'AUTH_JWKS_URL',
    ['https://a.example/jwks', 'http://127.0.0.1:1/x', 'http://localhost/x', 'http://[::1]:9/x', 'http://127.9.9.9/x'],
    [
      'http://a.example/jwks',
      'http://0.0.0.0/x',
      'http://127.0.0.1.example/x',
      'file:///jwks',
      'ftp://a',
      'https://user:pw@a.example/',
      'x',
      'http://localhost.example/',
    ],
  ],
  ['AUTH_TYP', ['at+jwt', 'JWT', 'application/at+jwt'], ['a b', 'ä']],
  ['AUTH_MAX_TOKEN_AGE', ['1m', '60s', '1h', '30d'], ['59s', '31d', '1', '1 h', 'h', '-1h', '1w']],
  ['AUTH_CLAIM', ['keyfold', 'https://keyfold.example/access'], [' ']],
  ['VERIFIER_TOKEN', ['a'.repeat(32), 'Ab-._~+/9'.repeat(4)], ['a'.repeat(31), 'ä'.repeat(32), `${'a'.repeat(31)} b`]],
  ['VERIFIER_MAX_KEYS', ['1', '100000000'], ['0', 'many', '100000001']],
  ['MAX_STALENESS_MS', ['100', '30000', '3600000'], ['99', '30s', '3600001']],
  [
    'TRUSTED_PROXIES',
    ['10.0.0.0/8', '10.0.0.0/8, ::1,192.0.2.7', 'fd00::/8'],
    ['10.0.0.1/8', '10.0.0.0/33', '0x7f.1', 'all', '10.0.0.0/08', 'fe80::1%eth0'],
  ],
  [
    'CONSOLE_ORIGINS',
    ['https://app.example.com', 'http://localhost:5173,https://a.example:8443'],
    ['https://*.example.com', '*', 'https://a.example/', 'HTTPS://a.example', 'null', 'app://x'],
  ],
  [
    'AUTH_CLIENT_PARAMETERS',
    [],
    [
      'scope=email',
      'scope=openid&state=x',
      'scope=openid&scope=openid',
      'scope=openid&code_challenge=x',
      'prompt=login',
      'a b',
    ],
  ],
  [
    'PUBLIC_URL',
    [
      'https://keys.example.com',
      'https://keys.example.com/',
      'https://a.example:8443',
      'http://127.0.0.1:8080',
      'http://[::1]:1',
    ],
    [
      'http://keys.example.com',
      'https://a.example/path',
      'https://u:p@a.example',
      'https://*.a.example',
      'keys.example.com',
    ],
  ],
  ['LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], ['INFO', 'verbose']],
];

describe('each setting', () => {
  it.each(TABLE)('%s takes what it should and refuses the rest by its name', (name, good, bad) => {
    for (const value of good) expect(problemsOf({ ...DISTRIBUTED, [name]: value }), value).toEqual([]);
    for (const value of bad) {
      const problems = problemsOf({ ...DISTRIBUTED, [name]: value });
      expect(problems.length, `${name}=${value}`).toBeGreaterThan(0);
      for (const problem of problems) {
        expect(problem).toMatch(new RegExp(`^${name} `));
        expect(problem).not.toContain('canary');
      }
    }
  });

  it.each(['https://*.example.com', 'app://x', 'HTTPS://a.example/', 'https://a.example/,null'])(
    'what is wrong with origins is told once: %s',
    (value) => {
      expect(problemsOf({ CONSOLE_ORIGINS: value })).toHaveLength(1);
    },
  );

  it('no problem repeats a secret', () => {
    const secrets = {
      KEYFOLD_PEPPERS: 'p1:c2VjcmV0LXBlcHBlci1jYW5hcnk',
      KEYFOLD_SEALING_KEYS: 's1:canary-canary-canary!',
      VERIFIER_TOKEN: 'short-canary-token',
      MONGODB_URL: 'canary://user:canary-password@host/db',
    };
    const told = problemsOf({ ...DISTRIBUTED, ...secrets }).join('\n');
    expect(told).not.toBe('');
    for (const secret of Object.values(secrets)) expect(told).not.toContain(secret.slice(3));
    expect(told).not.toMatch(/canary/);
  });
});

describe('secrets that a person made up', () => {
  const encoded = (text: string): string => `p1:${Buffer.from(text).toString('base64')}`;
  it.each([
    ['all zeros', `p1:${Buffer.alloc(32).toString('base64')}`],
    ['one letter', encoded('a'.repeat(40))],
    ['a placeholder', encoded('please change-me before you go live, dear operator')],
    ['a default', encoded('this is the default pepper of keyfold 1234567890')],
  ])('%s is refused', (_, value) => {
    expect(problemsOf({ ...DISTRIBUTED, KEYFOLD_PEPPERS: value })).toEqual([
      expect.stringMatching(/^KEYFOLD_PEPPERS key "p1" is not random: make one with/),
    ]);
  });

  it('random ones never are: 20,000 draws', () => {
    const list = Array.from({ length: 100 }, (_, index) => key(`k${index}`)).join(',');
    for (let round = 0; round < 200; round += 1) expect(problemsOf({ KEYFOLD_PEPPERS: list })).toEqual([]);
  });
});

describe('the verifier token', () => {
  it('a short one is refused with Kafka and MongoDB, and warned of on embedded storage', () => {
    expect(problemsOf({ ...DISTRIBUTED, VERIFIER_TOKEN: 'test' })).toHaveLength(1);
    expect(loadSettings({ VERIFIER_TOKEN: 'test' })).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining('VERIFIER_TOKEN')],
    });
  });

  it.each([
    ['0.0.0.0', {}, 1],
    ['::', {}, 1],
    ['192.0.2.1', {}, 1],
    ['127.0.0.1', {}, 0],
    ['::1', {}, 0],
    ['localhost', {}, 0],
    ['0.0.0.0', { VERIFIER_TOKEN: 'x'.repeat(32) }, 0],
    ['0.0.0.0', { KEYFOLD_SERVICES: 'api' }, 0],
  ])('a verifier on %s with %j has %i warnings', (host, more, count) => {
    const loaded = loadSettings({ ...DISTRIBUTED, HOST: host, ...more });
    expect(loaded.ok).toBe(true);
    expect(loaded.warnings).toHaveLength(count);
  });
});

describe('NAME_FILE', () => {
  const SECRETS = {
    KEYFOLD_PEPPERS: DISTRIBUTED.KEYFOLD_PEPPERS,
    KEYFOLD_SEALING_KEYS: DISTRIBUTED.KEYFOLD_SEALING_KEYS,
    KEYFOLD_CHECKPOINT_KEYS: DISTRIBUTED.KEYFOLD_CHECKPOINT_KEYS,
    KAFKA_SASL_PASSWORD: 'pass word',
    VERIFIER_TOKEN: 'v'.repeat(40),
    MONGODB_URL: DISTRIBUTED.MONGODB_URL,
  };
  const SASL = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'keyfold' };
  const all = { ...DISTRIBUTED, ...SASL, ...SECRETS };
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyfold-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (name: string, content: string, mode = 0o600): string => {
    const file = join(folder, `${name}-${randomBytes(4).toString('hex')}`);
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  };
  const fromFile = (name: keyof typeof SECRETS, file: string): Record<string, string> => {
    const rest = Object.entries(all).filter(([other]) => other !== name);
    return { ...Object.fromEntries(rest), [`${name}_FILE`]: file };
  };

  describe.each(Object.keys(SECRETS) as (keyof typeof SECRETS)[])('%s_FILE', (name) => {
    it.each([
      ['no newline', ''],
      ['a newline', '\n'],
      ['a Windows newline', '\r\n'],
    ])('gives the same as the variable, with %s at its end', (_, end) => {
      expect(loadSettings(fromFile(name, fileOf(name, SECRETS[name] + end)))).toEqual(loadSettings(all));
    });

    it('and the variable together are refused', () => {
      const problems = problemsOf({ ...all, [`${name}_FILE`]: fileOf(name, SECRETS[name]) });
      expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} is set, and so is ${name}_FILE`))]);
    });

    it('is refused when it is missing, a folder or empty', () => {
      for (const file of [join(folder, 'nowhere'), folder, fileOf(name, ''), fileOf(name, '\n')]) {
        expect(problemsOf(fromFile(name, file)), file).toEqual([
          expect.stringMatching(new RegExp(`^${name} the file that ${name}_FILE names`)),
        ]);
      }
    });

    it('is warned of when everybody can read it, and only then', () => {
      for (const [mode, count] of [
        [0o600, 0],
        [0o640, 0],
        [0o644, 1],
        [0o604, 1],
      ] as const) {
        const loaded = loadSettings(fromFile(name, fileOf(name, SECRETS[name], mode)));
        expect(loaded.ok).toBe(true);
        expect(loaded.warnings, mode.toString(8)).toHaveLength(count);
        if (count > 0) expect(loaded.warnings[0]).toMatch(new RegExp(`^${name}: `));
      }
    });
  });

  it('a setting that is no secret has no file', () => {
    expect(settingsOf({ LOG_LEVEL_FILE: '/nowhere' }).logLevel).toBe('info');
  });
});
