// Sealing: what was sealed is opened by the same key in the same context and by nothing else.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MissingSealingKeyError, open, seal, unwrapKey, wrapKey, type SealingKey } from '../../events/sealing.ts';
import { seededBytes } from './seeded.ts';

const KEY = seededBytes('key')(32);
const OTHER = seededBytes('other')(32);

test('what is sealed is opened again, byte by byte', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (plain, context) => {
      expect(open(seal(plain, KEY, context, seededBytes('nonce')), KEY, context)).toEqual(Buffer.from(plain));
    }),
  );
});

test('another key, another context and every changed character are refused', () => {
  const sealed = seal(Buffer.from('Anna'), KEY, 'context', seededBytes('nonce'));
  expect(() => open(sealed, OTHER, 'context')).toThrow();
  expect(() => open(sealed, KEY, 'another')).toThrow();
  for (let i = 0; i < sealed.length; i++)
    for (const character of ['A', 'b', '+', '=', '-', ' ']) {
      const changed = sealed.slice(0, i) + character + sealed.slice(i + 1);
      if (changed !== sealed) expect(() => open(changed, KEY, 'context'), `${i} as ${character}`).toThrow();
    }
  for (const short of ['', 'AAAA', sealed.slice(0, 8)]) expect(() => open(short, KEY, 'context')).toThrow();
});

test('the same text is sealed differently every time', () => {
  const randomBytes = seededBytes('nonces');
  const all = Array.from({ length: 100 }, () => seal(Buffer.from('Anna'), KEY, 'context', randomBytes));
  expect(new Set(all).size).toBe(100);
});

test('data keys are wrapped by the newest sealing key and opened by the one that they name', () => {
  const old: SealingKey = { id: '2029', key: OTHER };
  const current: SealingKey = { id: '2030', key: KEY };
  const dataKey = seededBytes('data key')(32);
  const before = wrapKey(dataKey, 'key_a.1', old, seededBytes('1'));
  expect(unwrapKey(before, 'key_a.1', [current, old])).toEqual(dataKey);
  expect(() => unwrapKey(before, 'key_b.1', [current, old])).toThrow();
  expect(() => unwrapKey(before, 'key_a.1', [current])).toThrow(MissingSealingKeyError);
  expect(() => unwrapKey({ ...before, sealingKeyId: '2030' }, 'key_a.1', [current, old])).toThrow();
});
