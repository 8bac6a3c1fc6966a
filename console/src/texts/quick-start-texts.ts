// What the quick start says once it is open, beside its examples.
export const quickStartTexts = {
  sentAs: 'Send the key as',
  or: 'or',
  /** Stands for a key in examples, behind what keys begin with. */
  yourKey: 'YOUR_KEY',
  examples: 'Examples',
  /** Where the profile has none. */
  call: 'A call with the key',
  copy: (title: string) => `Copy: ${title}`,
  verify: {
    tab: 'Verify a key',
    text: 'Your API asks the verifier whether a key may do something, now. Whoever runs Keyfold knows where that is (KEYFOLD_VERIFIER_URL) and what it is asked with (VERIFIER_TOKEN, where one is set).',
    curl: { title: 'curl', text: 'Asks about one key, which is read from the standard input.' },
    typescript: {
      title: 'TypeScript',
      text: 'A service that lets nobody in without a key: npm install keyfold. There are guards for Express, Fastify and Hono, too.',
    },
    nginx: {
      title: 'nginx',
      text: 'In http, beside the files of docs/gateways/nginx, which come with the package: keyfold.conf says where the verifier is. The verifier trusts the addresses in TRUSTED_PROXIES.',
    },
  },
} as const;
