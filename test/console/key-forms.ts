// What tests of forms about keys do again and again.
import type { Locator, Page } from 'playwright-core';

export const formOf = (page: Page): Locator => page.getByRole('dialog');
export const revealOf = (page: Page): Locator => page.getByRole('alertdialog');
export const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
export const told = (page: Page, text: string): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor();

/** Opens the form to make a key by its button at the top. */
export async function openForm(page: Page, button: string): Promise<Locator> {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  const form = formOf(page);
  await form.waitFor();
  return form;
}

export async function chooseAction(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions of ${name}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

/** The secret that is shown. */
export async function shownSecret(page: Page, name: string): Promise<string> {
  return revealOf(page)
    .getByRole('group', { name: `Secret of ${name}` })
    .innerText();
}

/** Copies what is shown and closes it. @returns the secret */
export async function copyAndClose(page: Page, name: string): Promise<string> {
  const secret = await shownSecret(page, name);
  await revealOf(page).getByRole('button', { name: 'Copy', exact: true }).click();
  await revealOf(page).getByRole('button', { name: 'Copied', exact: true }).waitFor();
  await revealOf(page).getByRole('button', { name: 'Done', exact: true }).click();
  await revealOf(page).waitFor({ state: 'detached' });
  return secret;
}
