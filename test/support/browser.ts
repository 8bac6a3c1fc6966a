// A browser as far as the API can tell one: the headers that it writes itself, and a jar of cookies; redirects are not
// followed. For tests of what pages may do, on plain node:http, which sends headers as they stand.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  /** JSON unless it is text. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: readonly string[];
  readonly body: string;
  json(): unknown;
}

export interface Browser {
  readonly jar: Map<string, string>;
  /** As a page of the API's own origin sends it; `null` takes a header away. */
  send(path: string, sent?: Sent): Promise<Answered>;
  /** As when a link is followed, or an address typed in. */
  open(path: string, headers?: Readonly<Record<string, string | null>>): Promise<Answered>;
  graphql(query: string, variables?: object, headers?: Sent['headers']): Promise<Answered>;
}

export function openBrowser(url: string): Browser {
  const jar = new Map<string, string>();
  const cookie = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

  async function ask(path: string, { method = 'GET', headers = {}, body }: Sent): Promise<Answered> {
    const content = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const all: Readonly<Record<string, string | null>> = { ...(jar.size > 0 ? { cookie: cookie() } : {}), ...headers };
    const given = Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    return new Promise((resolve, reject) => {
      const sending = httpRequest(`${url}${path}`, { method, headers: given }, (response) => {
        text(response).then((answer) => {
          const cookies = response.headers['set-cookie'] ?? [];
          for (const each of cookies) keep(each);
          const { statusCode: status = 0, headers: told } = response;
          resolve({ status, headers: told, cookies, body: answer, json: () => JSON.parse(answer) as unknown });
        }, reject);
      });
      sending.on('error', reject);
      sending.end(content);
    });
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const at = pair.indexOf('=');
    if (attributes.includes('Max-Age=0')) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }

  const send: Browser['send'] = (path, { method = 'GET', headers = {}, body } = {}) => {
    const own = {
      'sec-fetch-site': 'same-origin',
      'x-keyfold-csrf': '1',
      ...(method === 'GET' ? {} : { origin: url }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return ask(path, { method, headers: { ...own, ...headers }, body });
  };
  return {
    jar,
    send,
    open: (path, headers = {}) =>
      ask(path, { headers: { accept: 'text/html,*/*;q=0.8', 'sec-fetch-site': 'none', ...headers } }),
    graphql: (query, variables = {}, headers = {}) =>
      send('/graphql', { method: 'POST', headers, body: { query, variables } }),
  };
}
