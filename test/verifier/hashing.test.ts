// How often a text is hashed: an HMAC is most of what a check costs, and whoever guesses at keys chooses how many are asked.
import { hash } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { generateSecret } from '../../events/secret.ts';
import { createView, FROM_NOTHING } from '../../services/verifier/view.ts';
import { seededBytes } from '../events/seeded.ts';
import { OLD_PEPPER, PEPPER } from './support.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, hash: vi.fn(crypto.hash) };
});

const HASHES_PER_HMAC = 2;
const newText = (seed: number): string => generateSecret('kf', seededBytes(seed)).reveal();
const hmacs = (): number => vi.mocked(hash).mock.calls.length / HASHES_PER_HMAC;

beforeEach(() => void vi.mocked(hash).mockClear());

test('a text is hashed once under each pepper, however often a miss asks for it while not all keys are held', () => {
  const view = createView({ ...FROM_NOTHING, complete: false }, [PEPPER, OLD_PEPPER]);
  const [text, other] = [newText(1), newText(2)];
  const miss = (asked: string): void => {
    expect(view.find(asked)).toBeNull();
    expect(view.lacks(asked)).toBe(false);
    expect(view.hashesOf(asked)).toHaveLength(2);
  };
  miss(text);
  miss(text);
  expect(hmacs()).toBe(2);
  view.lack(text, {});
  expect(view.lacks(text)).toBe(true);
  expect(hmacs()).toBe(2);
  miss(other);
  expect(hmacs()).toBe(4);
});

test('nothing is hashed under a pepper that no key was made with, where all keys are held', () => {
  const view = createView(FROM_NOTHING, [PEPPER, OLD_PEPPER]);
  expect(view.find(newText(1))).toBeNull();
  expect(view.lacks(newText(1))).toBe(true);
  expect(hmacs()).toBe(0);
});
