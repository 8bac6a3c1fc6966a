// Networks: whether an address lies in a list of addresses and CIDRs. An IPv4 address mapped into IPv6 is the IPv4
// address, in ranges too.
import { liesIn, parseAddress, parseNetwork } from '../../events/addresses.ts';
import { createMemo } from './memo.ts';

/** Clients call again and again, and reading an address costs as much as the HMAC of a key. */
const CLIENTS = 10_000;
const clientAddress = createMemo(parseAddress, CLIENTS, (address) => address !== null);

/** An address in its normal form, IPv4 wherever it can be written so; `null` for anything that is none, or has a zone. */
export function normalAddress(text: string): string | null {
  return parseAddress(text)?.toString() ?? null;
}

/**
 * Compiles a list of networks; the answer says whether an address lies in one of them.
 *
 * @param ranges addresses and CIDRs that `ipRange` of events/fields.ts has let through.
 */
export function compileNetworks(ranges: readonly string[]): (address: string) => boolean {
  const networks = ranges.map(parseNetwork).filter((network) => network !== null);
  if (networks.length === 0) return () => false;
  return (text) => {
    const address = clientAddress(text);
    return address !== null && networks.some((network) => liesIn(address, network));
  };
}

/** Whether a host name or address is this machine's own: `localhost`, 127.0.0.0/8, `::1`. Never asks a name server. */
export function isLoopback(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return bare.toLowerCase() === 'localhost' || parseAddress(bare)?.range() === 'loopback';
}
