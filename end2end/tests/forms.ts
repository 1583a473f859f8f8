import { type Page, expect } from '@playwright/test';
import type { Person } from './cast';

/** Fills in the page to create an account, and sends it. */
export async function createAccount(page: Page, person: Person, deployCode?: string): Promise<void> {
  await expect(page).toHaveURL(/\/sign-up/);
  await page.getByLabel('E-mail').fill(person.email);
  if (deployCode !== undefined) await page.getByLabel('Deploy code').fill(deployCode);
  await page.getByRole('button', { name: 'Send a code' }).click();
}

/** Fills in the page that takes the code from the mail, which knows the address already, and sends it. */
export async function confirm(page: Page, person: Person, code: string): Promise<void> {
  await expect(page).toHaveURL(/\/confirm/);
  await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

/** Fills in the page to sign in, and sends it. */
export async function enter(page: Page, person: Pick<Person, 'email' | 'password'>): Promise<void> {
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Expects the timeline of a library without photos. */
export async function expectEmptyTable(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible();
}
