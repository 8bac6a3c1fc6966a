// Addresses as ipaddr.js reads them right: it takes `::10.1.2.3` for the IPv4 address, which only `::ffff:10.1.2.3` is.
import ipaddr from 'ipaddr.js';

/** @param text an IPv6 address as `net.isIP` knows it, without a zone. */
export function parseIpv6(text: string): ipaddr.IPv6 {
  const hexadecimal = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  return ipaddr.IPv6.parse(hexadecimal);
}
