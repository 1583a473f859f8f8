import { type Page, expect } from '@playwright/test';
import { TOTP } from 'otpauth';
import type { Person } from './people';

/** Fills in and submits the sign-up form. */
export async function createAccount(page: Page, person: Person, ownerCode?: string): Promise<void> {
  await expect(page).toHaveURL(/\/sign-up/);
  await page.getByLabel('Email').fill(person.email);
  if (ownerCode !== undefined) await page.getByLabel('Owner code').fill(ownerCode);
  await page.getByRole('button', { name: 'Send code' }).click();
}

/** Fills in and submits the form that confirms a new account; its address is filled in already. */
export async function confirmAccount(page: Page, person: Person, code: string): Promise<void> {
  await expect(page).toHaveURL(/\/confirm/);
  await expect(page.getByLabel('Email')).toHaveValue(person.email);
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

/** Fills in and submits the sign-in form. */
export async function signInWithForm(page: Page, person: Pick<Person, 'email' | 'password'>): Promise<void> {
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Expects the timeline of an empty library. */
export async function expectEmptyTimeline(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'No photos yet' })).toBeVisible();
}

/** Turns on two-factor authentication on the account page; returns the authenticator and the recovery codes. */
export async function setUpSecondStep(page: Page, person: Person): Promise<{ app: TOTP; codes: string[] }> {
  await page.goto('/account');
  const section = page.getByRole('region', { name: 'Two-factor authentication' });
  await section.getByLabel('Your password').fill(person.password);
  await section.getByRole('button', { name: 'Set up' }).click();
  await expect(section.getByRole('img', { name: /QR code/ })).toBeVisible();
  const address = (await section.getByRole('link', { name: /Open the app/ }).getAttribute('href'))!;
  const key = new URL(address).searchParams.get('secret')!;
  expect((await section.getByText(/Or type this key/).innerText()).replaceAll(' ', '')).toContain(key);
  const app = new TOTP({ secret: key });
  const codes = await section.locator('.codes code').allInnerTexts();
  expect(new Set(codes).size).toBe(10);

  await section.getByLabel('Code from your app').fill('000000');
  await section.getByRole('button', { name: 'Turn on' }).click();
  await expect(section.getByRole('alert')).toHaveText(/isn’t the code/);
  await section.getByLabel('Code from your app').fill(app.generate());
  await section.getByRole('button', { name: 'Turn on' }).click();
  await expect(section.getByText('On. 10 recovery codes are left.')).toBeVisible();
  return { app, codes };
}
