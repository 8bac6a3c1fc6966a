// A page to try queries on, for embedded development: one file without anything from elsewhere, so that it works without
// a network. The token stays in the page's memory; the policy lets nothing else run.
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const STYLE = `
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; display: grid; grid-template-rows: auto 1fr; height: 100vh; }
header { display: flex; gap: 8px; padding: 8px; align-items: center; background: #f4f4f6; border-bottom: 1px solid #ddd; }
header input { flex: 1; } main { display: grid; grid-template-columns: 1fr 1fr; min-height: 0; }
section { display: grid; grid-template-rows: 2fr auto 1fr; min-height: 0; border-right: 1px solid #ddd; }
textarea, pre { font: 13px/1.5 ui-monospace, monospace; border: 0; margin: 0; padding: 8px; resize: none; overflow: auto; tab-size: 2; }
label { padding: 4px 8px; background: #f4f4f6; } button, input { font: inherit; padding: 4px 8px; }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; } header, label { background: #26262b; } }
`;

const SCRIPT = `
const $ = (id) => document.getElementById(id);
const TYPES = '{ __schema { types { name kind description fields { name description type { ...T } args { name type { ...T } } } inputFields { name type { ...T } } enumValues { name } } } }'
  + ' fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }';
const show = (type) => type.kind === 'NON_NULL' ? show(type.ofType) + '!' : type.kind === 'LIST' ? '[' + show(type.ofType) + ']' : type.name;
async function send(query, variables) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization: 'Bearer ' + $('token').value.trim() },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}
const attempt = async (work) => { try { $('result').textContent = await work(); } catch (error) { $('result').textContent = String(error); } };
const run = () => attempt(async () => JSON.stringify(await send($('query').value, $('variables').value.trim() ? JSON.parse($('variables').value) : null), null, 2));
const docs = () => attempt(async () => {
  const answer = await send(TYPES);
  if (!answer.data) return JSON.stringify(answer, null, 2);
  return answer.data.__schema.types.filter(({ name }) => !name.startsWith('__')).map((type) => {
    const members = (type.fields ?? type.inputFields ?? []).map(({ name, args, type }) =>
      '  ' + name + (args?.length ? '(' + args.map((arg) => arg.name + ': ' + show(arg.type)).join(', ') + ')' : '') + ': ' + show(type));
    return [type.kind + ' ' + type.name, ...members, ...(type.enumValues ?? []).map(({ name }) => '  ' + name)].join('\\n');
  }).join('\\n\\n');
});
$('run').addEventListener('click', run);
$('docs').addEventListener('click', docs);
document.addEventListener('keydown', (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); } });
`;

const EXAMPLE = `# Ctrl-Enter runs. A token: npx keyfold token --workspace demo --role admin --operator
{
  viewer { operator workspaces { workspace { workspaceId } role } }
  workspace(id: "demo") { keys(first: 20) { totalCount nodes { keyId name status scopes } } }
}`;

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Keyfold GraphQL</title><style>${STYLE}</style></head>
<body>
<header>
  <strong>Keyfold GraphQL</strong>
  <input id="token" type="password" placeholder="Token" aria-label="Token" autocomplete="off">
  <button id="run">Run</button><button id="docs">Schema</button>
</header>
<main>
  <section>
    <textarea id="query" aria-label="Query" spellcheck="false">${EXAMPLE}</textarea>
    <label for="variables">Variables</label>
    <textarea id="variables" spellcheck="false"></textarea>
  </section>
  <pre id="result" aria-live="polite"></pre>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const POLICY = [
  "default-src 'none'",
  `script-src ${sha256(SCRIPT)}`,
  `style-src ${sha256(STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function sendGraphiqlPage(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(PAGE),
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
  });
  response.end(PAGE);
}
