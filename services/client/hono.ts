// The guard for Hono: a middleware. What its options' functions throw goes to the app's error handler.
import type { IncomingMessage } from 'node:http';
import type { VerifierClient } from './client.ts';
import { createGuard, type Arrived, type GuardOptions } from './guard.ts';
import { arrivedAt } from './node-http.ts';

/** What is read of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  /** The adapter for Node puts node's own request here. */
  readonly env: unknown;
}

/** Node's own request, which shows duplicate headers and the socket; `null` on other platforms. */
function incomingOf(env: unknown): IncomingMessage | null {
  const { server = env } = (env ?? {}) as { readonly server?: unknown };
  const { incoming } = (server ?? {}) as { readonly incoming?: Partial<IncomingMessage> };
  return Array.isArray(incoming?.rawHeaders) && incoming.socket !== undefined ? (incoming as IncomingMessage) : null;
}

function arrived({ req: { raw }, env }: HonoContext): Arrived {
  const incoming = incomingOf(env);
  if (incoming !== null) return arrivedAt(incoming, incoming.url);
  const { pathname, search } = new URL(raw.url);
  // Headers that came twice are joined by a comma, which no key has.
  return { rawHeaders: [...raw.headers].flat(), method: raw.method, url: `${pathname}${search}`, address: undefined };
}

/** @throws TypeError for options that cannot be meant. */
export function guardHono<C extends HonoContext>(
  client: VerifierClient,
  options: GuardOptions<C> = {},
): (context: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const guard = createGuard(client, options);
  return async (context, next) => {
    const refused = await guard(context, arrived(context));
    if (refused !== null) return new Response(refused.text, { status: refused.status, headers: refused.headers });
    await next();
    return undefined;
  };
}
