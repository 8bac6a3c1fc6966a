// Redaction: of what a caller wrote nothing reaches the request log that might be a key or a token.
import { randomBytes } from 'node:crypto';
import { unescape } from 'node:querystring';
import { describe, expect, test } from 'vitest';
import { generateSecret } from '../../events/secret.ts';
import { REDACTED, redact } from '../../services/shared/redact.ts';

const key = (): string => generateSecret('sk_live', randomBytes).reveal();
const KEY = key();
const DIGITS = KEY.slice(KEY.lastIndexOf('_') + 1);

describe('a text of a call', () => {
  test.each([
    ['/v1/orders/42'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'],
    ['https://shop.example'],
    ['/files/550e8400-e29b-41d4-a716-446655440000'],
    ['/commits/2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
    ['/blobs/E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'],
    ['/a%20b/%zz/%'],
    ['Ünïcode ✓'],
    [''],
  ])('without a credential stays as it is: %s', (text) => {
    expect(redact(text, 1000)).toBe(text);
  });

  test.each([
    ['a key', KEY],
    ['in a path', `/v1/${KEY}/orders`],
    ['in words', `curl ${KEY} (me)`],
    ['with something behind it', `${KEY}x`],
    ['its digits alone', DIGITS],
    ['with its underscore encoded', `/a/sk%5Flive%5F${DIGITS}`],
    ['with a digit encoded', `/a/${KEY.slice(0, 20)}%${KEY.charCodeAt(20).toString(16)}${KEY.slice(21)}`],
    ['twice, once encoded', `/${KEY}/${KEY.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`],
    ['in hexadecimal', Buffer.from(KEY).toString('hex')],
    ['a token', `eyJhbGciOiJFZERTQSJ9.${Buffer.from(KEY).toString('base64url')}.sig_sig-sig`],
  ])('has none of it left: %s', (_name, text) => {
    const redacted = redact(text, 1000);
    expect(redacted).toContain(REDACTED);
    expect(unescape(redacted)).not.toContain(DIGITS.slice(0, 12));
    expect(unescape(redacted)).not.toContain(DIGITS.slice(-12));
  });

  test('is redacted before it is cut: no beginning of a key is left at the end', () => {
    for (let cut = 1; cut < 60; cut++) expect(redact(`/${KEY}`, cut)).not.toContain(DIGITS.slice(0, 4));
  });

  test('is well-formed and without NUL, as every store keeps it', () => {
    expect(redact('a\u0000b\ud800', 10)).toBe('a\ufffdb\ufffd');
    expect(redact('ab😀', 3)).toBe('ab\ufffd');
  });

  test('is read in linear time, whatever it is', () => {
    const hostile = [DIGITS.repeat(400), 'eyJ'.repeat(5000), `%${'41'.repeat(7000)}`, 'a1_'.repeat(5000)];
    const before = process.cpuUsage();
    for (const text of hostile) redact(text, 8192);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
  });
});
