// Restrictions by address and by origin, as a compiled policy judges them.
import { isIPv6 } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ipRange, origin as originField } from '../../events/fields.ts';
import { compilePolicy } from '../../services/verifier/policy.ts';
import { PLAIN_SETTINGS } from '../fakes/plain-key.ts';
import { createRandom, SEED } from './random.ts';

const from = (ranges: string[]) => compilePolicy({ ...PLAIN_SETTINGS, ipRanges: ranges }, undefined).fromAddress;
const at = (origins: string[]) => compilePolicy({ ...PLAIN_SETTINGS, origins }, undefined).fromOrigin;

/** An address as a number, the plain way. */
function toNumber(address: string): { family: 4 | 6; value: bigint } {
  const v4 = (text: string) => text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  if (!isIPv6(address)) return { family: 4, value: v4(address) };
  let text = address;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const value = v4(dotted[2]!);
    text = `${dotted[1]}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  }
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  const value = all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

/** Whether an address lies in a range, the plain way. A mapped range of 96 bits or more is one of IPv4. */
function reference(range: string, address: string): boolean {
  const [network = '', given] = range.split('/');
  const a = toNumber(address);
  let n = toNumber(network);
  let bits = given === undefined ? (isIPv6(network) ? 128 : 32) : Number(given);
  if (isIPv6(network) && n.family === 4) {
    if (bits >= 96) bits -= 96;
    else n = { family: 6, value: (0xffffn << 32n) | n.value };
  }
  if (a.family !== n.family) return false;
  const shift = BigInt((n.family === 4 ? 32 : 128) - bits);
  return a.value >> shift === n.value >> shift;
}

describe('addresses', () => {
  test(`20,000 random pairs of range and address are judged as plain arithmetic judges them (SEED=${SEED})`, () => {
    const random = createRandom(SEED);
    const v4Text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
    const v6Text = (words: number[]) => {
      const text = words.map((word) => word.toString(16)).join(':');
      const short = random.chance(50) ? text.replace(/(?:^|:)0(?::0)+(?::|$)/, '::') : text;
      if (random.chance(70)) return short;
      // The last 32 bits as IPv4 has them, mapped or not.
      const dotted = v4Text((words[6]! * 65536 + words[7]!) >>> 0);
      const front = words
        .slice(0, 6)
        .map((word) => word.toString(16))
        .join(':');
      return `${random.chance(50) ? front.replace(/(?:^|:)0(?::0)+$/, ':') : front}:${dotted}`;
    };
    const words = (base: number[], keep: number) =>
      base.map((word, i) => {
        const kept = Math.max(0, Math.min(16, keep - 16 * i));
        const mask = (0xffff << (16 - kept)) & 0xffff;
        return { network: word & mask, other: (word & mask) | (random.below(65536) & ~mask & 0xffff) };
      });
    let inside = 0;
    for (let i = 0; i < 20_000; i++) {
      let range: string;
      let address: string;
      const dice = random.below(10);
      if (dice < 4) {
        const bits = random.below(33);
        const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
        const base = (random.below(2 ** 32) & mask) >>> 0;
        range = `${v4Text(base)}/${bits}`;
        // Near the range: inside, or off by the bit at its edge.
        let near = (base | (random.below(2 ** 32) & ~mask)) >>> 0;
        if (random.chance(50) && bits > 0) near = (near ^ (1 << (32 - bits))) >>> 0;
        address = random.chance(30) ? `::ffff:${v4Text(near)}` : v4Text(near);
      } else if (dice < 8) {
        const bits = random.below(129);
        const parts = words(
          Array.from({ length: 8 }, () => (random.chance(40) ? 0 : random.below(65536))),
          bits,
        );
        range = `${v6Text(parts.map(({ network }) => network))}/${bits}`;
        const other = parts.map(({ other: word }) => word);
        if (random.chance(50) && bits > 0) {
          const word = (bits - 1) >> 4;
          other[word] = other[word]! ^ (1 << (15 - ((bits - 1) & 15)));
        }
        address = v6Text(other);
      } else {
        const bits = 80 + random.below(49);
        const parts = words([0, 0, 0, 0, 0, 0xffff, random.below(65536), random.below(65536)], bits);
        range = `${v6Text(parts.map(({ network }) => network))}/${bits}`;
        const value = random.below(2 ** 32);
        const near = parts.slice(6).map(({ other: word }) => word);
        address = random.pick([v4Text(value), v4Text(near[0]! * 65536 + near[1]!), `::ffff:${v4Text(value)}`]);
      }
      expect(ipRange.safeParse(range).success, range).toBe(true);
      const expected = reference(range, address);
      if (expected) inside++;
      expect(from([range])?.(address), `${address} in ${range}`).toBe(expected);
    }
    expect(inside).toBeGreaterThan(4000);
    expect(inside).toBeLessThan(16_000);
  });

  test('an IPv4 address in the last bits of IPv6 is IPv4 only where it is mapped', () => {
    const v4 = from(['10.0.0.0/8']);
    for (const written of ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:10.1.2.3'])
      expect(v4?.(written), written).toBe(true);
    for (const written of ['::10.1.2.3', '::a01:203', '0::0:10.1.2.3', '64:ff9b::10.1.2.3', '::ffff:0:10.1.2.3'])
      expect(v4?.(written), written).toBe(false);
    for (const range of ['::a01:203', '::10.1.2.3', '::10.1.2.3/128', '::10.1.0.0/112', '::/80', '::0.0.0.0/80']) {
      expect(from([range])?.('::10.1.2.3'), range).toBe(true);
      expect(from([range])?.('::a01:203'), range).toBe(true);
      expect(from([range])?.('10.1.2.3'), range).toBe(false);
      expect(ipRange.safeParse(range).success, range).toBe(true);
    }
  });

  test('any one of the ranges is enough; without ranges every address will do', () => {
    const allowed = from(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']);
    const asked = ['10.9.8.7', '2001:db8:1::5', '192.0.2.7', '::ffff:192.0.2.7', '192.0.2.8', '2001:db9::1'];
    expect(asked.map((address) => allowed?.(address))).toEqual([true, true, true, true, false, false]);
    expect(from([])).toBeNull();
  });

  test.each([
    '0x0a.1',
    '10.1',
    '010.0.0.1',
    '10.0.0.1 ',
    '10.0.0.1/32',
    'localhost',
    '',
    'fe80::1%eth0',
    '::ffff:10.0.0',
    '167772161',
  ])('%j is no address and lies in no network', (text) => {
    expect(from(['0.0.0.0/0', '::/0'])?.(text)).toBe(false);
  });
});

describe('origins', () => {
  const allowed = at([
    'https://app.example.com',
    'https://app.example.com:8443',
    'https://*.shop.example',
    'http://localhost:3000',
    'https://[2001:db8::1]',
    'capacitor://localhost',
  ]);

  test.each([
    'https://app.example.com',
    'https://app.example.com:8443',
    'HTTPS://App.Example.COM',
    'https://a.shop.example',
    'https://a-b.shop.example',
    'http://localhost:3000',
    'https://[2001:db8::1]',
    'capacitor://localhost',
  ])('%s is allowed', (origin) => {
    expect(allowed?.(origin)).toBe(true);
  });

  test.each([
    'null',
    '',
    'https://app.example.com/',
    'https://app.example.com\\@evil.com',
    'https://app.example.com@evil.com',
    'https://evil.com#https://app.example.com',
    'https://app.example.com.evil.com',
    'https://xapp.example.com',
    'http://app.example.com',
    'https://app.example.com:443',
    'https://app.example.com:8444',
    'https://shop.example',
    'https://.shop.example',
    'https://a.b.shop.example',
    'https://*.shop.example',
    'https://-.shop.example',
    'https://a@b.shop.example',
    'https://evil.com\\.shop.example',
    'https://evil.com/.shop.example',
    'https://a.shop.example:8443',
    'http://a.shop.example',
    'http://localhost',
    ' https://app.example.com',
    'https://app.example.com ',
    'https://app.example.com\n',
    'https://app.example.com, https://app.example.com',
    // U+212A, which lower-cases to k; U+0131; a full-width a.
    'https://\u212A.shop.example',
    'https://app.example.com\u0000',
    'https://\uFF41.shop.example',
    '://',
    '*',
  ])('%j is refused', (origin) => {
    expect(allowed?.(origin)).toBe(false);
  });

  test('every form that a key may be given is compared exactly', () => {
    for (const origin of ['https://a.example', 'https://*.a.example', 'http://*.a.example:8080', 'x-y+z://a']) {
      expect(originField.safeParse(origin).success).toBe(true);
      const plainly = origin.replace('*.', 'sub.');
      expect(at([origin])?.(plainly)).toBe(true);
      expect(at([origin])?.(`${plainly}x`)).toBe(false);
    }
    expect(at([])).toBeNull();
  });
});
