// The client's address: the socket's, unless the peer is a trusted proxy; then the rightmost hop that is not one.
// Garbage stops the walk and makes the address unknown: an allow-list denies an unknown address.
import { headerValues } from './headers.ts';
import { compileNetworks, normalAddress } from './networks.ts';

/** What the address is read from; `IncomingMessage` is one. */
export interface AddressSource {
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Makes the function that tells a request's client address, in normal form, IPv4 where it can be; `null`: unknown.
 *
 * @param trustedProxies TRUSTED_PROXIES: addresses and networks whose X-Forwarded-For is believed.
 */
export function createClientAddress(trustedProxies: readonly string[]): (request: AddressSource) => string | null {
  const isTrusted = compileNetworks(trustedProxies);
  return ({ rawHeaders, socket }) => {
    let client = normalAddress(socket.remoteAddress ?? '');
    if (client === null || !isTrusted(client)) return client;
    const hops = headerValues(rawHeaders, 'x-forwarded-for').flatMap((line) => line.split(','));
    for (const hop of hops.reverse()) {
      client = normalAddress(hop.trim());
      if (client === null || !isTrusted(client)) return client;
    }
    return client;
  };
}
