// The client's address behind proxies: the walk from the right, and everything that must stop it.
import { describe, expect, it } from 'vitest';
import { createClientAddress } from '../../services/shared/client-address.ts';

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'];

/** Trusted proxies, the peer, X-Forwarded-For headers in order → the client. */
const CASES: readonly (readonly [
  why: string,
  peer: string | undefined,
  forwarded: readonly string[],
  client: string | null,
])[] = [
  ['no header: the peer', '203.0.113.5', [], '203.0.113.5'],
  ['a peer that is no proxy is not believed', '203.0.113.5', ['198.51.100.1'], '203.0.113.5'],
  ['a peer that is no proxy is not believed, whatever it sends', '203.0.113.5', ['10.0.0.1, 10.0.0.2'], '203.0.113.5'],
  ['a proxy without the header is the client', '10.0.0.1', [], '10.0.0.1'],
  ['one hop', '10.0.0.1', ['198.51.100.1'], '198.51.100.1'],
  ['the rightmost hop that is no proxy', '10.0.0.1', ['1.1.1.1, 198.51.100.1'], '198.51.100.1'],
  ['what stands left of the client is its own invention', '10.0.0.1', ['127.0.0.1, 198.51.100.1'], '198.51.100.1'],
  ['proxies on the way are passed', '10.0.0.1', ['198.51.100.1, 10.9.9.9, 192.0.2.7'], '198.51.100.1'],
  ['only proxies: the leftmost', '10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
  ['two headers are one list, in order', '10.0.0.1', ['198.51.100.1', '198.51.100.2'], '198.51.100.2'],
  ['two headers, the last one all proxies', '10.0.0.1', ['1.1.1.1, 198.51.100.1', '10.0.0.2'], '198.51.100.1'],
  ['spaces and tabs', '10.0.0.1', [' 1.1.1.1 ,\t198.51.100.1 '], '198.51.100.1'],
  ['garbage stops the walk', '10.0.0.1', ['198.51.100.1, unknown'], null],
  ['garbage stops the walk behind proxies', '10.0.0.1', ['198.51.100.1, nonsense, 10.0.0.2'], null],
  ['garbage left of the client is never reached', '10.0.0.1', ['garbage, 198.51.100.1'], '198.51.100.1'],
  ['an empty header', '10.0.0.1', [''], null],
  ['an empty last hop', '10.0.0.1', ['198.51.100.1,'], null],
  ['a port is garbage', '10.0.0.1', ['198.51.100.1:4711'], null],
  ['brackets are garbage', '10.0.0.1', ['[2001:db8::1]'], null],
  ['a host name is garbage', '10.0.0.1', ['client.example'], null],
  ['hexadecimal is garbage', '10.0.0.1', ['0x7f.1'], null],
  ['octal is garbage', '10.0.0.1', ['010.0.0.1'], null],
  ['a short form is garbage', '10.0.0.1', ['127.1'], null],
  ['a network is garbage', '10.0.0.1', ['198.51.100.0/24'], null],
  ['a zone is garbage', '10.0.0.1', ['fe80::1%eth0'], null],
  ['quotes are garbage', '10.0.0.1', ['"198.51.100.1"'], null],
  ['IPv6', '10.0.0.1', ['2001:db8::1'], '2001:db8::1'],
  ['IPv6 in its normal form', '10.0.0.1', ['2001:0DB8:0:0::1'], '2001:db8::1'],
  ['IPv6 proxies', 'fd12::1', ['198.51.100.1, fd00::9'], '198.51.100.1'],
  ['a mapped peer is its IPv4 address', '::ffff:203.0.113.5', [], '203.0.113.5'],
  ['a mapped proxy is trusted', '::ffff:10.0.0.1', ['198.51.100.1'], '198.51.100.1'],
  ['a mapped hop is its IPv4 address', '10.0.0.1', ['::ffff:198.51.100.1'], '198.51.100.1'],
  ['a mapped hop in hexadecimal is, too', '10.0.0.1', ['198.51.100.1, ::ffff:a00:2'], '198.51.100.1'],
  ['no peer: unknown', undefined, ['198.51.100.1'], null],
  ['a peer that is gone: unknown', '', [], null],
];

const request = (peer: string | undefined, forwarded: readonly string[]) => ({
  socket: { remoteAddress: peer },
  rawHeaders: ['Host', 'x', ...forwarded.flatMap((value) => ['X-Forwarded-For', value]), 'Accept', '*/*'],
});

describe('the client address', () => {
  it.each(CASES)('%s', (_, peer, forwarded, client) => {
    expect(createClientAddress(PROXIES)(request(peer, forwarded))).toBe(client);
  });

  it('without trusted proxies no header is ever read', () => {
    const clientAddress = createClientAddress([]);
    for (const [, peer, forwarded] of CASES) {
      expect(clientAddress(request(peer, forwarded))).toBe(clientAddress(request(peer, [])));
    }
  });

  it('only X-Forwarded-For counts, in whatever case it is written', () => {
    const clientAddress = createClientAddress(PROXIES);
    const socket = { remoteAddress: '10.0.0.1' };
    for (const name of ['X-Real-IP', 'Forwarded', 'X-Client-IP', 'True-Client-IP', 'X-Forwarded-For2']) {
      expect(clientAddress({ socket, rawHeaders: [name, '198.51.100.1'] })).toBe('10.0.0.1');
    }
    expect(clientAddress({ socket, rawHeaders: ['x-FORWARDED-for', '198.51.100.1'] })).toBe('198.51.100.1');
  });

  it('mapped networks trust IPv4 proxies', () => {
    expect(createClientAddress(['::ffff:10.0.0.0/104'])(request('10.1.2.3', ['198.51.100.1']))).toBe('198.51.100.1');
  });
});
