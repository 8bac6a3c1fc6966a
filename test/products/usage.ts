// What the products' rows ask of usage: keys as lists show it, and the request log, once all checks are counted.
import { expect, vi } from 'vitest';
import { globalId } from '../support/api.ts';
import type { Person, Product } from './harness.ts';

const COUNTED_MS = 60_000;

export interface RequestView {
  readonly requestId: string;
  readonly time: string;
  readonly code: string;
  readonly secret: string | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly asked: Readonly<Record<string, unknown>>;
  readonly keyVersion: number | null;
  readonly keyspaceVersion: number | null;
  readonly position: string;
  readonly key: { readonly keyId: string } | null;
}

export interface UsageView {
  readonly name: string;
  readonly lastUsedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly requestCount: number;
  readonly secretFirstUsedAt: string | null;
  readonly previousSecret: { readonly lastUsedAt: string | null; readonly requestCount: number } | null;
  readonly usage: readonly {
    readonly total: number;
    readonly previousSecret: number;
    readonly outcomes: readonly { readonly code: string; readonly count: number }[];
  }[];
  readonly requests: { readonly totalCount: number; readonly nodes: readonly RequestView[] };
}

const REQUEST = `requestId time code secret method path ip userAgent asked keyVersion keyspaceVersion position key { keyId }`;
const USAGE = `query ($id: ID!, $from: DateTime!, $to: DateTime!, $filter: RequestFilter) {
  key(id: $id) {
    name lastUsedAt lastSeenAt requestCount secretFirstUsedAt previousSecret { lastUsedAt requestCount }
    usage(from: $from, to: $to, bucket: DAY) { total previousSecret outcomes { code count } }
    requests(first: 100, filter: $filter) { totalCount nodes { ${REQUEST} } }
  }
}`;
const REQUESTS = `query ($workspace: String!, $filter: RequestFilter) {
  workspace(id: $workspace) { requests(first: 100, filter: $filter) { nodes { ${REQUEST} } } }
}`;

type Filter = Readonly<Record<string, unknown>>;

/** What somebody sees of a key's usage; the last two days of it. */
export async function usageSeen({ api }: Person, keyId: string, filter: Filter = {}): Promise<UsageView> {
  const [from, to] = [new Date(Date.now() - 86_400_000), new Date()].map((time) => time.toISOString());
  const { key } = await api.query<{ key: UsageView | null }>(USAGE, { id: globalId(keyId), from, to, filter });
  if (!key) throw new Error(`there is no key ${keyId} for ${api.url}`);
  return key;
}

/** Waits until so many checks of a key are counted, each made by every verifier. */
export async function usageReached({ system }: Product, person: Person, keyId: string, checks: number) {
  const count = checks * system.verifiers.length;
  return vi.waitFor(
    async () => {
      const seen = await usageSeen(person, keyId);
      expect(seen.requestCount).toBe(count);
      return seen;
    },
    { timeout: COUNTED_MS, interval: 50 },
  );
}

export async function requestsSeen(
  { api }: Person,
  workspace: string,
  filter: Filter,
): Promise<readonly RequestView[]> {
  interface Answer {
    readonly workspace: { readonly requests: { readonly nodes: readonly RequestView[] } } | null;
  }
  return (await api.query<Answer>(REQUESTS, { workspace, filter })).workspace?.requests.nodes ?? [];
}

/** How often each outcome is in a key's usage. */
export const outcomesOf = ({ usage }: UsageView): Readonly<Record<string, number>> => {
  const counts = usage.flatMap(({ outcomes }) => outcomes);
  const codes = [...new Set(counts.map(({ code }) => code))];
  const sum = (code: string) => counts.reduce((all, each) => all + (each.code === code ? each.count : 0), 0);
  return Object.fromEntries(codes.map((code) => [code, sum(code)]));
};
