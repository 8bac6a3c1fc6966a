// The code of examples, out of a profile: where keys are sent, what they begin with, and the first scope that there is. All
// of it is to be run as it stands, once a key is put into its place.
import { quickStartTexts as words } from '../texts/quick-start-texts.ts';

interface Header {
  readonly name: string;
  readonly bearer: boolean;
}
/** What of a profile examples are made from. */
export interface ExampleSource {
  readonly slug: string;
  readonly credential: { readonly headers: readonly Header[]; readonly prefixes: readonly string[] };
  readonly permissions: { readonly freeForm: boolean; readonly scopes: readonly { readonly id: string }[] };
  readonly quickStart: readonly { readonly tab: string; readonly title: string; readonly code: string }[];
}

export interface Example {
  readonly title: string;
  readonly code: string;
  readonly text?: string;
}

export interface ExampleTab {
  readonly label: string;
  readonly examples: readonly Example[];
}

const VERIFIER = 'http://127.0.0.1:4100';

export const exampleKey = ({ credential }: Pick<ExampleSource, 'credential'>): string =>
  `${credential.prefixes[0] ?? ''}${words.yourKey}`;

/** A header with a key in it, as requests have it. */
export const sentHeader = ({ name, bearer }: Header, key: string): string =>
  `${name}: ${bearer ? 'Bearer ' : ''}${key}`;

/** The calls of the profile by their tabs, in its order; where it has none, the least there is. */
export function callTabs(view: ExampleSource, origin: string): ExampleTab[] {
  const [header] = view.credential.headers;
  const steps =
    view.quickStart.length > 0 || !header
      ? view.quickStart
      : [{ tab: 'curl', title: words.call, code: `curl {{origin}}/ \\\n  -H "${sentHeader(header, '{{key}}')}"` }];
  const filled = (code: string): string =>
    code.replaceAll('{{origin}}', () => origin).replaceAll('{{key}}', () => exampleKey(view));
  return [...new Set(steps.map(({ tab }) => tab))].map((label) => ({
    label,
    examples: steps.filter(({ tab }) => tab === label).map(({ title, code }) => ({ title, code: filled(code) })),
  }));
}

/** Asking the verifier: by hand, in a service, at a gateway. */
export function verifyTab(view: Omit<ExampleSource, 'quickStart'>): ExampleTab {
  const { slug, credential, permissions } = view;
  const scope = permissions.scopes[0]?.id ?? (permissions.freeForm ? 'orders:read' : null);
  const scopes = scope === null ? [] : [scope];
  const headers = credential.headers.map(({ name, bearer }) => `{ name: '${name}', bearer: ${String(bearer)} }`);
  const needs = scopes.map((each) => `\n  needs: { scopes: ['${each}'] },`);
  const asks = [`keyspace=${slug}`, ...scopes.map((each) => `scope=${encodeURIComponent(each)}`)].join('&');
  const question = { key: exampleKey(view), keyspace: slug, ...(scope === null ? {} : { scopes }) };
  const { tab, curl, typescript, nginx } = words.verify;
  return {
    label: tab,
    examples: [
      {
        ...curl,
        code: `curl "\${KEYFOLD_VERIFIER_URL:-${VERIFIER}}/v1/verify" \\
  -H "Authorization: Bearer $VERIFIER_TOKEN" \\
  -H "Content-Type: application/json" \\
  --data @- <<'END'
${JSON.stringify(question, null, 2)}
END`,
      },
      {
        ...typescript,
        code: `import { createServer } from 'node:http';
import { createVerifierClient, guardHttp, keyOf } from 'keyfold/verify';

const verifier = createVerifierClient({
  url: process.env.KEYFOLD_VERIFIER_URL ?? '${VERIFIER}',
  token: process.env.VERIFIER_TOKEN,
  keyspace: '${slug}',
});
const guard = {
  headers: [${headers.join(', ')}],${needs.join('')}
};
const listener = guardHttp(verifier, guard, (request, response) => {
  response.end(\`You are \${keyOf(request).keyId}\\n\`);
});

createServer(listener).listen(3000);`,
      },
      {
        ...nginx,
        code: `include keyfold.conf;

server {
    listen 127.0.0.1:8080;
    include keyfold-server.conf;

    location / {
        set $keyfold_asks "${asks.replaceAll('%3A', ':')}";
        include keyfold-check.conf;
${credential.headers.map(({ name }) => `        proxy_set_header ${name} "";`).join('\n')}
        proxy_pass http://127.0.0.1:3000;
    }
}`,
      },
    ],
  };
}
