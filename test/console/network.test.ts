// The console takes for an origin, an address and a network what the server takes for one.
import fc from 'fast-check';
import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { isAddress, isNetwork, isOrigin } from '../../console/src/form/network.ts';
import { ipRange, settableOrigins } from '../../events/fields.ts';

const byServer = {
  origin: (text: string): boolean => settableOrigins.safeParse([text]).success,
  address: (text: string): boolean => !text.includes('%') && isIP(text) !== 0,
  network: (text: string): boolean => ipRange.safeParse(text).success,
};

const ORIGINS = [
  ...['https://a.example', 'http://localhost:3000', 'https://*.a.example', 'http://[::1]:8080', 'http://[2001:db8::1]'],
  ...['javascript:alert(1)', 'https://a.example/path', 'https://a.example/', 'https://A.example', 'https://*.example'],
  ...[
    'https://a.example:443',
    'http://a.example:80',
    'http://a.example:443',
    'http://a.example:65536',
    'ftp://a.example',
  ],
  ...[
    'https://-a.example',
    'https://a..example',
    'https://a.example:0',
    'https://[::g]',
    'https://[1.2.3.4]',
    '',
    'null',
  ],
  ...['app://a.example', 'https://user@a.example', 'https://a.example?x', `https://${'a'.repeat(64)}.example`],
  ...[`https://${'a.'.repeat(123)}a`, `https://${'a.'.repeat(124)}a`, 'https://*', 'https://*.*.a.example'],
];
const NETWORKS = [
  ...[
    '203.0.113.7',
    '203.0.113.0/24',
    '203.0.113.7/24',
    '999.1.1.1/99',
    '1.2.3',
    '01.2.3.4',
    '10.0.0.0/08',
    '0.0.0.0/0',
  ],
  ...['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::', '::/0', '2001:db8::/32', '2001:db8::1/32', '2001:db8::1/128'],
  ...[
    '::ffff:10.0.0.0/104',
    '::10.1.2.3',
    '::1/129',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8',
    'fe80::1%eth0',
  ],
  ...['1:2:3:4:5:6:7::', '::1]/[', '2001:DB8::/32', '', '/8', '1.2.3.4.5', '0x7f.1', '12345::', '1:2:3:4:5:6:1.2.3.4'],
];

test('an origin, a network or an address is one where the server takes it, and only there', () => {
  for (const text of ORIGINS) expect([text, isOrigin(text)]).toEqual([text, byServer.origin(text)]);
  for (const text of NETWORKS) {
    expect([text, isNetwork(text)]).toEqual([text, byServer.network(text)]);
    expect([text, isAddress(text)]).toEqual([text, byServer.address(text)]);
  }
});

test('so it is for whatever resembles one', () => {
  const piece = fc.constantFrom(
    'http://',
    'https://',
    '*',
    '.',
    ':',
    '::',
    '[',
    ']',
    '/',
    'a',
    '-',
    '1',
    '0',
    '80',
    '443',
    '255',
  );
  const network = fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 130 }))
    .map(([address, bits]) => `${address}/${bits}`);
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    network,
    fc.ipV6(),
    fc.ipV4(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect([isOrigin(text), isNetwork(text), isAddress(text)]).toEqual([
        byServer.origin(text),
        byServer.network(text),
        byServer.address(text),
      ]);
    }),
  );
});
