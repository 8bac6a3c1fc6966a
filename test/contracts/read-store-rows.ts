// Rows for tests of stores: plain, whole, and a function of what is given, so that two builders make equal rows.
import { createHash } from 'node:crypto';
import type { AnyEvent } from '../../events/catalogue.ts';
import type { KeyDetails, KeyState } from '../../events/key/state.ts';
import type { DataKeyRow, HistoryRow, KeyRow, ParkedRow, SecretRow } from '../../projections/rows.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The n-th key id of a kind: ids of one kind are in the order of their numbers. */
export const keyIdOf = (number: number, kind = '0'): string =>
  `key_${kind.padStart(8, '0')}${String(number).padStart(14, '0')}`;

/** ISO time: minutes after the start of 2026. */
export const minute = (minutes: number): string => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();

export interface KeyOverrides {
  readonly state?: Partial<KeyState>;
  readonly details?: Partial<KeyDetails>;
  readonly search?: Partial<KeyRow['search']>;
  readonly noticeAt?: string;
  readonly usage?: Partial<KeyRow['usage']>;
}

export function keyRow(keyId: string, version = 1, overrides: KeyOverrides = {}): KeyRow {
  const state: KeyState = {
    keyId,
    workspaceId: 'acme',
    version,
    head: digest(`${keyId}@${version}`),
    time: minute(version),
    keyspace: 'default',
    keyspaceVersion: 1,
    status: 'ACTIVE',
    type: 'secret',
    environment: null,
    scopes: ['read'],
    unrestricted: false,
    resources: { all: true, ids: [] },
    flags: [],
    origins: [],
    ipRanges: [],
    rateLimit: { limit: 1_000_000, windowSeconds: 60 },
    expiresAt: null,
    preview: 'kf_…abcd',
    ownerId: null,
    predecessor: null,
    createdAt: minute(0),
    createdBy: { kind: 'user', id: 'ada' },
    lastRotatedAt: null,
    revocation: null,
    secret: { scheme: 'hmac-sha256', pepperId: 'p1', hash: digest(keyId).slice(0, 43) },
    previousSecret: null,
    dataKeyNumber: 1,
    ...overrides.state,
  };
  const details: KeyDetails = {
    name: `Key ${version}`,
    description: null,
    email: null,
    tags: [],
    metadata: null,
    revocationNote: null,
    ...overrides.details,
  };
  const name = overrides.search?.name ?? details.name.normalize('NFKC').toLowerCase();
  return {
    state,
    details,
    search: { name, words: overrides.search?.words ?? [...new Set([...name.split(' '), keyId.toLowerCase()])] },
    noticeAt: overrides.noticeAt ?? null,
    usage: { lastUsedAt: null, lastSeenAt: null, requestCount: 0, ...overrides.usage },
  };
}

/** What is given beside the attributes is what these say: there is no other row. */
export function historyRow(aggregateId: string, version: number, overrides: Partial<HistoryRow> = {}): HistoryRow {
  const id = `${aggregateId}@${version}`;
  const { workspaceId = 'acme', time = minute(version), actor = 'user:ada' } = overrides;
  const { commandId = `command-${version}`, requestId = `request-${version}` } = overrides;
  const attributes: AnyEvent['attributes'] = {
    id,
    source: '/keyfold',
    type: 'keyfold.KeyDisabled.v1',
    subject: aggregateId,
    time,
    dataschema: 'urn:keyfold:schema:KeyDisabled.v1',
    version,
    ...(workspaceId === null ? {} : { workspaceid: workspaceId }),
    commandid: commandId,
    requestid: requestId,
    actor,
    keyspaceversion: 1,
    datakeyid: `${aggregateId}.1`,
    personaldigest: digest(`${id} personal`),
    privatedigest: digest(`${id} private`),
    prev: digest(`${aggregateId}@${version - 1}`),
    hash: digest(id),
  };
  return {
    id,
    aggregateId,
    version,
    type: 'KeyDisabled',
    workspaceId,
    time,
    actor,
    commandId,
    requestId,
    fingerprint: digest(`${id} fingerprint`),
    position: { partition: 0, offset: version },
    attributes,
    data: {},
    sealed: Buffer.from(id).toString('base64'),
    ...overrides,
  };
}

export const secretRow = (keyId: string, number = 1): SecretRow => ({ hash: digest(`${keyId} ${number}`), keyId });

export const dataKeyRow = (id: string, wrapped = 'd3JhcHBlZA=='): DataKeyRow => ({ id, sealingKeyId: 's1', wrapped });

export function parkedRow(partition: number, offset: number, overrides: Partial<ParkedRow> = {}): ParkedRow {
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  return {
    position: { partition, offset },
    aggregateId: keyIdOf(offset),
    key: keyIdOf(offset),
    value,
    headers: { 'content-type': 'application/cloudevents+json' },
    digest: digest(`${partition}-${offset}`),
    reason: 'not JSON',
    time: minute(offset % 1000),
    status: 'OPEN',
    ...overrides,
  };
}
