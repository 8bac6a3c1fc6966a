// The invalid-key limiter: from an address that has sent too many keys that are none, a further one is not told what it
// is. Exact in every window, of bounded memory; who sends good keys never meets it.
import { parseAddress } from '../../events/addresses.ts';
import type { Clock } from './freshness.ts';

/** What an address is told of in any window (SECURITY.md). */
export const INVALID_KEYS = { limit: 20, windowSeconds: 60 } as const;

export interface InvalidKeysOptions {
  /** No step of the wall clock opens a window. */
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How many addresses are remembered; the one that came first leaves first. */
  readonly addresses?: number;
  /** Told of every key that is one too many. */
  readonly onRefused?: () => void;
}

export interface InvalidKeys {
  /**
   * An invalid key has come from a client's address.
   *
   * @param ip `undefined`: not known, and then nothing is counted: one client could otherwise use up what all have.
   * @returns `null`: it is told what it is; else it is one too many, and in how many milliseconds it would not be.
   */
  count(ip: string | undefined): number | null;
  /** Whether a further one from this address would be one too many. */
  isOver(ip: string | undefined): boolean;
}

const ADDRESSES = 65_536;
const { limit: LIMIT, windowSeconds } = INVALID_KEYS;
const WINDOW_MS = windowSeconds * 1000;
/** Of an IPv6 address, what a network hands out as one. */
const PREFIX_PARTS = 4;

/** Whom an address stands for: IPv4 by itself, mapped or not, IPv6 by its /64. `null`: nobody. */
function clientOf(ip: string): string | null {
  if (!ip.includes(':')) return ip;
  const address = parseAddress(ip);
  if (address === null) return null;
  return 'parts' in address ? address.parts.slice(0, PREFIX_PARTS).join(':') : address.toString();
}

export function createInvalidKeys(options: InvalidKeysOptions): InvalidKeys {
  const { clock, addresses = ADDRESSES, onRefused } = options;
  const places = new Map<string, number>();
  /** By place; the next one to be given away is the one that was given away first. */
  const clients = Array<string>(addresses);
  let next = 0;
  /** When each of the last `LIMIT` keys of a place came, in a ring that goes on at `oldest`. */
  const times = new Float64Array(addresses * LIMIT);
  const oldest = new Uint8Array(addresses);

  function placeOf(client: string): number {
    const known = places.get(client);
    if (known !== undefined) return known;
    const place = next;
    next = (next + 1) % addresses;
    const before = clients[place];
    if (before !== undefined) places.delete(before);
    clients[place] = client;
    places.set(client, place);
    times.fill(-Infinity, place * LIMIT, (place + 1) * LIMIT);
    return place;
  }

  /** Milliseconds until a further key of a place is told what it is; none or less: it is now. */
  function left(place: number, now: number): number {
    return (times[place * LIMIT + (oldest[place] ?? 0)] ?? 0) + WINDOW_MS - now;
  }

  return {
    isOver: (ip) => {
      const client = ip === undefined ? null : clientOf(ip);
      const place = client === null ? undefined : places.get(client);
      return place !== undefined && left(place, clock.monotonic()) > 0;
    },
    count: (ip) => {
      const client = ip === undefined ? null : clientOf(ip);
      if (client === null) return null;
      const place = placeOf(client);
      const turn = oldest[place] ?? 0;
      const now = clock.monotonic();
      const wait = left(place, now);
      if (wait > 0) {
        onRefused?.();
        return wait;
      }
      times[place * LIMIT + turn] = now;
      oldest[place] = (turn + 1) % LIMIT;
      return null;
    },
  };
}
