// Addresses and networks as they are meant. An IPv4 address mapped into IPv6 is the IPv4 address, in ranges too; and
// ipaddr.js takes `::10.1.2.3` for the IPv4 address, which only `::ffff:10.1.2.3` is.
import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** Its first address, and how many leading bits all of its addresses share. */
export type Network = readonly [Address, number];

const MAPPED_BITS = 96;

/** @param text an IPv6 address as `net.isIP` knows it, without a zone. */
export function parseIpv6(text: string): ipaddr.IPv6 {
  const hexadecimal = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  return ipaddr.IPv6.parse(hexadecimal);
}

/** `net.isIP` stands in front of ipaddr.js, which alone takes `0x7f.1` and `010.0.0.1`; `null`: none, or one with a zone. */
export function parseAddress(text: string): Address | null {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family !== 6) return family === 4 ? ipaddr.IPv4.parse(text) : null;
  const address = parseIpv6(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** @param range an address or CIDR that `ipRange` of fields.ts has let through. */
export function parseNetwork(range: string): Network | null {
  const [text = '', bits] = range.split('/');
  const address = parseAddress(text);
  if (address === null) return null;
  if (bits === undefined) return [address, address.kind() === 'ipv4' ? 32 : 128];
  if (address.kind() === 'ipv6' || isIP(text) === 4) return [address, Number(bits)];
  // A range wider than the mapped block is one of IPv6 addresses, and no IPv4 address lies in it.
  return Number(bits) < MAPPED_BITS ? [parseIpv6(text), Number(bits)] : [address, Number(bits) - MAPPED_BITS];
}

export function liesIn(address: Address, [network, bits]: Network): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

/** Whether every address of one network is one of the other's. */
export function isWithin([address, bits]: Network, outer: Network): boolean {
  return bits >= outer[1] && liesIn(address, outer);
}
