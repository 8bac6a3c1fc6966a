// Words and forms of a profile: what stands for what it leaves out, and that nothing of it is written into events.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fieldIds, formsOf, neededFields } from '../../events/keyspaces/form.ts';
import { CONFIRMED_ACTIONS, TOLD_ACTIONS } from '../../events/keyspaces/profile/names.ts';
import { profile as profileSchema, type Profile, type ProfileInput } from '../../events/keyspaces/profile.ts';
import { actionLabel, confirmationOf, lifetimeLabel, wordsOf } from '../../events/keyspaces/words.ts';
import { decodeRecord, encodeRecord, genesis, recordEvent } from '../../events/record.ts';
import { dataKeyId, KEYSPACES } from '../../events/ids.ts';
import { seededBytes } from '../events/seeded.ts';
import type { CorpusFile } from '../corpus/file.ts';
import { preset, PRESETS } from './presets.ts';

const PLAIN: ProfileInput = { slug: 'plain', name: 'Plain', types: [{ id: 'a', label: 'A', prefix: 'a' }] };
const read = (changes: Partial<ProfileInput> = {}): Profile => profileSchema.parse({ ...PLAIN, ...changes });

describe('words', () => {
  test('have something that stands for each that a profile leaves out', () => {
    const { labels, reveal, texts, success } = wordsOf(read());
    for (const word of [labels, reveal, texts, success].flatMap((words) => Object.values(words)))
      expect(word).toMatch(/\S/);
    expect(labels).toMatchObject({ noExpiry: 'Never', unrestricted: 'Unrestricted', restricted: 'Restricted' });
    expect(Object.keys(success)).toEqual(TOLD_ACTIONS);
    expect([success.CREATE, success.CHANGE_EXPIRY, success.DELETE]).toEqual([
      'API key created.',
      'API key updated.',
      'API key deleted.',
    ]);
  });

  test('are those of the profile where it has some, and call a key what it calls it', () => {
    const words = wordsOf(
      read({
        labels: { noun: 'token', noExpiry: 'Unlimited', reveal: { done: 'I have it' } },
        texts: { restricted: 'Little.', success: { DISABLE: 'Token paused.' } },
      }),
    );
    expect(words.labels).toMatchObject({ noExpiry: 'Unlimited', neverUsed: 'Never' });
    expect(words.reveal).toMatchObject({ done: 'I have it', copy: 'Copy' });
    expect(words.texts).toMatchObject({ restricted: 'Little.', unrestricted: 'The key may do everything.' });
    expect(words.success).toMatchObject({ DISABLE: 'Token paused.', ENABLE: 'Token enabled.' });
  });

  test('of a question are its own, or made of the action, and only what takes something away is asked', () => {
    const plain = read({ labels: { noun: 'token', actions: { DISABLE: 'Pause' } }, texts: { disable: 'It stops.' } });
    expect(confirmationOf(plain, 'DISABLE')).toEqual({
      ...{ title: 'Pause this token?', text: 'It stops.', button: 'Pause' },
    });
    expect(confirmationOf(plain, 'RETIRE_PREVIOUS_SECRET')).toMatchObject({
      title: 'Retire previous secret?',
      text: wordsOf(plain).texts.retirePreviousSecret,
    });
    const own = read({ labels: { confirmations: { DELETE: { title: 'Sure?', button: 'Yes' } } } });
    expect(confirmationOf(own, 'DELETE')).toMatchObject({ title: 'Sure?', button: 'Yes' });
    for (const action of CONFIRMED_ACTIONS) expect(confirmationOf(plain, action)?.text).toMatch(/\S/);
    for (const action of ['ENABLE', 'UPDATE', 'VIEW', 'toString']) expect(confirmationOf(plain, action)).toBeNull();
    expect(actionLabel(plain, 'SEE_HISTORY')).toBe('See history');
  });

  test('of lifetimes are days, years, or the profile’s own', () => {
    const plain = read({ expiry: { presetDays: [1, 30, 365] }, labels: { lifetimes: { 30: 'A month' } } });
    expect([1, 30, 90, 365, 730].map((days) => lifetimeLabel(plain, days))).toEqual([
      ...['1 day', 'A month', '90 days', '1 year', '2 years'],
    ]);
  });
});

describe('forms', () => {
  test('show all that keys have where the profile says nothing', () => {
    const plain = read({ metadataFields: [{ id: 'purpose', label: 'Purpose' }] });
    expect(formsOf(plain)).toEqual({ create: fieldIds(plain), edit: fieldIds(plain) });
    expect(fieldIds(plain)).toEqual([
      ...['name', 'description', 'unrestricted', 'origins', 'ipRanges', 'expiresAt', 'owner', 'tags', 'metadata'],
      'metadata.purpose',
    ]);
    expect(neededFields(plain)).toEqual(['name']);
  });

  test('to edit are those to create unless the profile says otherwise', () => {
    expect(formsOf(read({ form: { create: ['name', 'tags'] } })).edit).toEqual(['name', 'tags']);
    expect(formsOf(read({ form: { create: ['name', 'tags'], edit: ['tags'] } })).edit).toEqual(['tags']);
  });
});

describe('an event', () => {
  const fromCorpus = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'corpus', 'KeyspaceDefined.v2.json'), 'utf8'),
  ) as CorpusFile;

  test('that was written without words has none when it is read', () => {
    const event = decodeRecord({ key: fromCorpus.key, value: Buffer.from(fromCorpus.value) });
    if (!event.ok || event.event?.type !== 'KeyspaceDefined') throw new Error('the corpus is damaged');
    const { profile } = event.event.data;
    const { data } = JSON.parse(fromCorpus.value) as { data: { profile: unknown } };
    expect(JSON.stringify(profile)).toBe(JSON.stringify(data.profile));
    expect(JSON.stringify(profileSchema.parse(profile))).toBe(JSON.stringify(profile));
    expect(Object.keys(profile)).not.toContain('form');
    expect(Object.keys(profile.labels)).not.toContain('noExpiry');
  });

  test.each(PRESETS)('keeps the words of %s byte by byte', (slug) => {
    const random = seededBytes(slug);
    const event = recordEvent(
      {
        type: 'KeyspaceDefined',
        data: { version: 1, profile: preset(slug) },
        ...{ personal: {}, private: {} },
      },
      genesis(KEYSPACES),
      {
        ...{ commandId: slug, fingerprint: 'f'.repeat(64), requestId: 'r', actor: { kind: 'system', id: 'api' } },
        ...{ ip: null, userAgent: null, workspaceId: null, keyspaceVersion: null, now: '2030-01-31T12:00:00.000Z' },
      },
      { id: dataKeyId(KEYSPACES, 1), key: random(32) },
      random,
    );
    const record = encodeRecord(event);
    const decoded = decodeRecord(record);
    if (!decoded.ok) throw new Error(decoded.reason);
    const { data } = decoded.event as Extract<typeof decoded.event, { type: 'KeyspaceDefined' }>;
    expect(JSON.stringify(data.profile)).toBe(JSON.stringify(preset(slug)));
  });
});
