// The pages that screenshots show, and what is done on each before it is taken.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { MadeKey } from './made-key.ts';

export const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
/** Of a picture. */
export const MAX_BYTES = 60 * 1024;
export const SCHEMES = ['light', 'dark'] as const;

type Keys = ReadonlyMap<string, MadeKey>;

export interface Shot {
  readonly path: (keys: Keys) => string;
  readonly ready: (page: Page) => Promise<void>;
  readonly signedOut?: boolean;
}

const WEB = 'Production Web Application';
const pathOf =
  (name: string, search = '') =>
  (keys: Keys): string =>
    `${keys.get(name)?.path ?? ''}${search}`;
const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name }).first().waitFor();
const seen = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByText(text).filter({ visible: true }).first().waitFor();
async function opened(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  await page.getByRole('dialog').waitFor();
}

export const SHOTS = {
  'sign-in': { signedOut: true, path: () => '/', ready: (page) => heading(page, 'Sign in') },
  keys: { path: () => '/w/demo/dagen', ready: (page) => seen(page, 'Zapier bridge') },
  'keys-empty': { path: () => '/w/demo/default', ready: (page) => seen(page, 'No keys yet') },
  'keys-toggles': { path: () => '/w/demo/dronahq', ready: (page) => seen(page, 'CI runner') },
  'quick-start': { path: () => '/w/demo/dagen?examples=verify', ready: (page) => seen(page, 'KEYFOLD_VERIFIER_URL:-') },
  create: {
    path: () => '/w/demo/ayra',
    async ready(page) {
      await seen(page, WEB);
      await opened(page, 'Create API Key');
      await page.getByLabel('Name').fill('Analytics export');
      await page.getByRole('button', { name: 'Read-only dashboard' }).click();
      await page.getByLabel('Expiration date').selectOption('90 days');
    },
  },
  'create-matrix': {
    path: () => '/w/demo/project-admin',
    async ready(page) {
      await seen(page, 'Booking_App');
      await opened(page, 'Create API Key');
      await page.getByRole('radio', { name: /^Restrict/ }).check();
      await page.getByLabel('Name').fill('Recordings_Archive');
    },
  },
  'copy-once': {
    path: () => '/w/demo/dagen',
    async ready(page) {
      await seen(page, 'Zapier bridge');
      await opened(page, 'Create API Key');
      await page.getByLabel('Name').fill('Weekly report');
      await page.getByRole('checkbox', { name: 'Workflows' }).check();
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  key: { path: pathOf(WEB), ready: (page) => seen(page, 'As a table') },
  'key-requests': { path: pathOf(WEB, '?tab=requests'), ready: (page) => seen(page, 'Let in.') },
  'key-history': { path: pathOf(WEB, '?tab=history'), ready: (page) => seen(page, /New secret made/) },
  'key-secrets': { path: pathOf(WEB, '?tab=secrets'), ready: (page) => seen(page, 'Who still uses the old secret') },
  'key-regenerate': {
    path: pathOf('CRM sync'),
    async ready(page) {
      await heading(page, 'CRM sync');
      await page
        .getByRole('button', { name: /^(Regenerate|Rotate)/ })
        .first()
        .click();
      await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor();
    },
  },
  'key-past': {
    path: pathOf(WEB, '?at=2027-03-01T12:00:00Z'),
    ready: (page) => seen(page, 'The key as it was'),
  },
  receipt: {
    path: pathOf('Partner feed'),
    async ready(page) {
      await heading(page, 'Partner feed');
      await page.getByRole('button', { name: 'Revoke' }).click();
      const question = page.getByRole('alertdialog');
      await question.getByLabel('Reason').selectOption('Replaced');
      await question.getByLabel('Note').fill('The partner has moved to the new feed');
      await question.getByRole('button', { name: 'Revoke' }).click();
      await seen(page, /^Refused by/);
      await question.getByRole('button', { name: 'Done' }).click();
      await question.waitFor({ state: 'detached' });
    },
  },
  audit: { path: () => '/w/demo/audit', ready: (page) => seen(page, 'Replaced') },
  'audit-access': {
    path: () => '/w/demo/audit?tab=access&at=2027-03-01T12:00:00Z&scope=agents:read',
    ready: (page) => page.getByRole('region', { name: 'Keys that could' }).getByText(WEB).waitFor(),
  },
  'audit-review': {
    path: () => '/w/demo/audit?tab=review&since=2027-02-10T00:00:00Z&until=2027-03-10T00:00:00Z',
    ready: (page) => page.getByRole('region', { name: 'Access review' }).getByText('Partner feed').waitFor(),
  },
  'audit-checkpoints': {
    path: () => '/w/demo/audit?tab=checkpoints',
    ready: (page) => page.getByRole('region', { name: 'Checkpoints' }).getByRole('row').nth(1).waitFor(),
  },
  health: { path: () => '/health', ready: (page) => page.getByRole('table').nth(1).waitFor() },
  keyspace: { path: () => '/keyspaces/ayra', ready: (page) => heading(page, 'Columns of the table') },
  'keyspace-form': {
    path: () => '/keyspaces/ayra?tab=form',
    ready: (page) => page.getByLabel('Name').first().waitFor(),
  },
  'keyspace-review': {
    path: () => '/keyspaces/dronahq?tab=source',
    async ready(page) {
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      const text = page.getByLabel('Profile, as YAML or JSON');
      await text.fill((await text.inputValue()).replace('minimum: 1', 'minimum: 2'));
      await page.getByRole('button', { name: 'Check and review' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
} as const satisfies Readonly<Record<string, Shot>>;

export type ShotName = keyof typeof SHOTS;
