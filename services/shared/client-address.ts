// The client's address: the socket's, unless the peer is a trusted proxy; then the rightmost hop that is not one.
// Garbage stops the walk and makes the address unknown: an allow-list denies an unknown address.
import { headerValues } from './headers.ts';
import { createMemo } from './memo.ts';
import { compileNetworks, normalAddress } from './networks.ts';

/** What the address is read from; `IncomingMessage` is one. */
export interface AddressSource {
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
}

interface Hop {
  /** `null`: it is garbage. */
  readonly address: string | null;
  readonly isTrusted: boolean;
}

/** Clients call again and again, by way of the same proxies. */
const HOPS = 10_000;

/**
 * Makes the function that tells a request's client address, in normal form, IPv4 where it can be; `null`: unknown.
 *
 * @param trustedProxies TRUSTED_PROXIES: addresses and networks whose X-Forwarded-For is believed.
 */
export function createClientAddress(trustedProxies: readonly string[]): (request: AddressSource) => string | null {
  const isTrusted = compileNetworks(trustedProxies);
  const read = (text: string): Hop => {
    const address = normalAddress(text);
    return { address, isTrusted: address !== null && isTrusted(address) };
  };
  const hopOf = createMemo(read, HOPS, ({ address }) => address !== null);
  return ({ rawHeaders, socket }) => {
    let hop = hopOf(socket.remoteAddress ?? '');
    if (!hop.isTrusted) return hop.address;
    const hops = headerValues(rawHeaders, 'x-forwarded-for').flatMap((line) => line.split(','));
    for (const text of hops.reverse()) {
      hop = hopOf(text.trim());
      if (!hop.isTrusted) return hop.address;
    }
    return hop.address;
  };
}
