import { type Page } from '@playwright/test';
import { submit } from './api';
import { expect, test } from './fixtures';
import { expectEmptyTimeline, setUpSecondStep, signInWithForm } from './forms';
import { mail } from './mail';
import { awaitRateLimitWindow } from './rate-limits';

/** Fills in and submits the form of the second step. */
async function enterCode(page: Page, code: string): Promise<void> {
  await expect(page).toHaveURL(/\/second-step/);
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('with two-factor authentication a password alone does not sign in @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  errors.allow(401, '/api/accounts/');
  const page = await newWindow(cleo);
  const { app, codes } = await setUpSecondStep(page, cleo);
  await mail(page.request, cleo.email, /Two-factor/);

  const other = await newWindow();
  await other.goto('/sign-in?to=%2Faccount');
  await signInWithForm(other, cleo);
  await expect(other).toHaveURL(/\/second-step/);
  const cookies = (await other.context().cookies()).map((cookie) => cookie.name);
  expect(cookies, 'no session yet').toEqual(['__Host-step']);
  await enterCode(other, '000000');
  await expect(other.getByRole('alert')).toHaveText(/isn’t the code/);
  await enterCode(other, app.generate());
  await expect(other, 'the original destination').toHaveURL(/\/account$/);

  const third = await newWindow();
  await third.goto('/sign-in');
  await signInWithForm(third, cleo);
  await enterCode(third, codes[3]!.toUpperCase().replaceAll('-', ' '));
  await expectEmptyTimeline(third);
  expect((await mail(page.request, cleo.email, /recovery code/)).BodyText).toContain('You have 9 left');
  await third.goto('/account');
  await expect(third.getByText('On. 9 recovery codes are left.')).toBeVisible();

  const fourth = await newWindow();
  await fourth.goto('/sign-in');
  await signInWithForm(fourth, cleo);
  await enterCode(fourth, codes[3]!);
  await expect(fourth.getByRole('alert'), 'a recovery code works once').toHaveText(/isn’t the code/);
});

test('turning off two-factor authentication requires the password and a code @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const { codes } = await setUpSecondStep(page, cleo);
  const section = page.getByRole('region', { name: 'Two-factor authentication' });
  const turnOff = async (password: string, code: string) => {
    await section.getByLabel('Your password').fill(password);
    await section.getByLabel('Two-factor code').fill(code);
    await section.getByRole('button', { name: 'Turn off' }).click();
  };
  await turnOff('not her password', codes[0]!);
  await expect(section.getByRole('alert')).toHaveText('That isn’t your password.');
  await turnOff(cleo.password, '000000');
  await expect(section.getByRole('alert')).toHaveText(/isn’t the code/);
  const without = await submit(page.request, 'accounts/end_second_step', { password: cleo.password });
  expect((await without.json()).refused.refusal, 'the password alone').toBe('wrong_second_code');
  await turnOff(cleo.password, codes[0]!);
  await expect(page.getByText('Two-factor authentication is off.')).toBeVisible();
  expect((await mail(page.request, cleo.email, /recovery code/)).BodyText).toContain('You have 9 left');
  const other = await newWindow(cleo);
  await other.goto('/');
  await expectEmptyTimeline(other);
  const late = await submit(other.request, 'accounts/second_step', { code: codes[0]! });
  expect(late.status()).toBe(401);
});

test('deleting an account with two-factor authentication requires a code @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  errors.allow(401, '/api/');
  const page = await newWindow(cleo);
  const { app } = await setUpSecondStep(page, cleo);
  const without = await submit(page.request, 'accounts/leave', { password: cleo.password, sure: 'true' });
  expect((await without.json()).refused.refusal, 'the password alone').toBe('wrong_second_code');
  const leave = page.getByRole('region', { name: 'Delete this account' });
  const fill = async (code: string) => {
    await leave.getByLabel('Your password').fill(cleo.password);
    await leave.getByLabel('Two-factor code').fill(code);
    await leave.getByLabel('I’m sure').check();
    await leave.getByRole('button', { name: 'Delete this account' }).click();
  };
  await fill('000000');
  await expect(leave.getByRole('alert')).toHaveText(/isn’t the code/);
  await fill(app.generate());
  await expect(page).toHaveURL(/\/sign-in\?done=leaving/);
});

test('attempts at two-factor codes are rate-limited @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const { app } = await setUpSecondStep(page, cleo);
  const other = await newWindow();
  await awaitRateLimitWindow(15);
  const refusals: string[] = [];
  for (let at = 0; at < 12; at += 1) {
    await submit(other.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
    const response = await submit(other.request, 'accounts/second_step', { code: `00000${at % 10}` });
    refusals.push((await response.json()).refused.refusal);
  }
  expect(refusals.filter((one) => one === 'locked_out').length).toBeGreaterThanOrEqual(2);
  await submit(other.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  const correct = await submit(other.request, 'accounts/second_step', { code: app.generate() });
  expect(correct.status(), 'the correct code is refused, too').toBe(429);
});
