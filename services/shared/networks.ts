// Networks: whether an address lies in a list of addresses and CIDRs. `net.isIP` stands in front of ipaddr.js, which
// alone takes `0x7f.1` and `010.0.0.1`. An IPv4 address mapped into IPv6 is the IPv4 address, in ranges too.
import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';
import { parseIpv6 } from '../../events/addresses.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const MAPPED_BITS = 96;

function parse(text: string): Address | null {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family !== 6) return family === 4 ? ipaddr.IPv4.parse(text) : null;
  const address = parseIpv6(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function parseNetwork(range: string): readonly [Address, number] | null {
  const [text = '', bits] = range.split('/');
  const address = parse(text);
  if (address === null) return null;
  if (bits === undefined) return [address, address.kind() === 'ipv4' ? 32 : 128];
  if (address.kind() === 'ipv6' || isIP(text) === 4) return [address, Number(bits)];
  // A range wider than the mapped block is one of IPv6 addresses, and no IPv4 address lies in it.
  return Number(bits) < MAPPED_BITS ? [parseIpv6(text), Number(bits)] : [address, Number(bits) - MAPPED_BITS];
}

/** An address in its normal form, IPv4 wherever it can be written so; `null` for anything that is none, or has a zone. */
export function normalAddress(text: string): string | null {
  return parse(text)?.toString() ?? null;
}

/**
 * Compiles a list of networks; the answer says whether an address lies in one of them.
 *
 * @param ranges addresses and CIDRs that `ipRange` of events/fields.ts has let through.
 */
export function compileNetworks(ranges: readonly string[]): (address: string) => boolean {
  const networks = ranges.map(parseNetwork).filter((network) => network !== null);
  return (text) => {
    const address = parse(text);
    if (address === null) return false;
    return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  };
}

/** Whether a host name or address is this machine's own: `localhost`, 127.0.0.0/8, `::1`. Never asks a name server. */
export function isLoopback(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return bare.toLowerCase() === 'localhost' || parse(bare)?.range() === 'loopback';
}
