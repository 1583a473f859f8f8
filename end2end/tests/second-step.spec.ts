import { type Page } from '@playwright/test';
import { TOTP } from 'otpauth';
import { submit } from './api';
import { type Person } from './cast';
import { expect, test } from './fixtures';
import { enter, expectEmptyTable } from './forms';
import { mail } from './mail';
import { inOneWindow } from './windows';

/** Sets a second step up on the account's page; answers with the app and the recovery codes. */
async function setUp(page: Page, person: Person): Promise<{ app: TOTP; codes: string[] }> {
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

  await section.getByLabel('Code that the app shows').fill('000000');
  await section.getByRole('button', { name: 'Turn on' }).click();
  await expect(section.getByRole('alert')).toHaveText(/isn’t the code/);
  await section.getByLabel('Code that the app shows').fill(app.generate());
  await section.getByRole('button', { name: 'Turn on' }).click();
  await expect(section.getByText('On. 10 recovery codes are left.')).toBeVisible();
  return { app, codes };
}

/** Takes the second step. */
async function step(page: Page, code: string): Promise<void> {
  await expect(page).toHaveURL(/\/second-step/);
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('with a second step a password alone lets nobody in @accounts', async ({ newWindow, cleo, troubles }) => {
  troubles.allow(422, '/api/accounts/');
  troubles.allow(401, '/api/accounts/');
  const page = await newWindow(cleo);
  const { app, codes } = await setUp(page, cleo);
  await mail(page.request, cleo.email, /Two-factor/);

  const other = await newWindow();
  await other.goto('/sign-in?to=%2Faccount');
  await enter(other, cleo);
  await expect(other).toHaveURL(/\/second-step/);
  const cookies = (await other.context().cookies()).map((cookie) => cookie.name);
  expect(cookies, 'nothing is open yet').toEqual(['__Host-step']);
  await step(other, '000000');
  await expect(other.getByRole('alert')).toHaveText(/isn’t the code/);
  await step(other, app.generate());
  await expect(other, 'where they wanted to go').toHaveURL(/\/account$/);

  const third = await newWindow();
  await third.goto('/sign-in');
  await enter(third, cleo);
  await step(third, codes[3]!.toUpperCase().replaceAll('-', ' '));
  await expectEmptyTable(third);
  expect((await mail(page.request, cleo.email, /recovery code/)).BodyText).toContain('9 are left');
  await third.goto('/account');
  await expect(third.getByText('On. 9 recovery codes are left.')).toBeVisible();

  const fourth = await newWindow();
  await fourth.goto('/sign-in');
  await enter(fourth, cleo);
  await step(fourth, codes[3]!);
  await expect(fourth.getByRole('alert'), 'a recovery code is of use once').toHaveText(/isn’t the code/);
});

test('a second step is turned off by who knows the password @accounts', async ({ newWindow, cleo, troubles }) => {
  troubles.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const { codes } = await setUp(page, cleo);
  const section = page.getByRole('region', { name: 'Two-factor authentication' });
  await section.getByLabel('Your password').fill('not her password');
  await section.getByRole('button', { name: 'Turn off' }).click();
  await expect(section.getByRole('alert')).toHaveText('That isn’t your password.');
  await section.getByLabel('Your password').fill(cleo.password);
  await section.getByRole('button', { name: 'Turn off' }).click();
  await expect(page.getByText('Two-factor authentication is off.')).toBeVisible();
  const other = await newWindow(cleo);
  await other.goto('/');
  await expectEmptyTable(other);
  const late = await submit(other.request, 'accounts/second_step', { code: codes[0]! });
  expect(late.status()).toBe(401);
});

test('codes are guessed no faster than passwords @accounts', async ({ newWindow, cleo, troubles }) => {
  troubles.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const { app } = await setUp(page, cleo);
  const other = await newWindow();
  await inOneWindow(15);
  const refusals: string[] = [];
  for (let at = 0; at < 12; at += 1) {
    await submit(other.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
    const answer = await submit(other.request, 'accounts/second_step', { code: `00000${at % 10}` });
    refusals.push((await answer.json()).refused.refusal);
  }
  expect(refusals.filter((one) => one === 'locked_out').length).toBeGreaterThanOrEqual(2);
  await submit(other.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  const right = await submit(other.request, 'accounts/second_step', { code: app.generate() });
  expect(right.status(), 'not even the right one').toBe(429);
});
