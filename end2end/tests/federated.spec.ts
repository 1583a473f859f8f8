import { type Page } from '@playwright/test';
import { submit } from './api';
import { expectNoViolations } from './axe';
import { ada, newcomer, type Person } from './people';
import { expect, test } from './fixtures';
import { expectEmptyTimeline, setUpSecondStep, signInWithForm } from './forms';
import { mail } from './mail';
import { expectLive } from './timeline';

/** Signs in at the stub provider. */
async function authenticateAt(page: Page, provider: string, email: string, verified = true): Promise<void> {
  await expect(page.getByRole('heading', { name: provider })).toBeVisible();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('It is proved').setChecked(verified);
  await page.getByRole('button', { name: 'It’s me' }).click();
}

async function invite(owner: Page, person: Person): Promise<void> {
  const response = await submit(owner.request, 'accounts/invite', { email: person.email });
  expect(response.ok()).toBe(true);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';
  test(`${how} JavaScript an invited person signs up and signs in with a provider @accounts`, async ({ newWindow, errors }) => {
    errors.allowText(/^csp$/);
    const dora = newcomer('Dora');
    await invite(await newWindow(ada), dora);
    const page = await newWindow(undefined, { javaScriptEnabled });
    await page.goto('/account?a');
    await page.getByRole('link', { name: 'Continue with Google' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByRole('alert')).toHaveText(/sign-in was cancelled or refused/);
    await page.getByRole('link', { name: 'Continue with Google' }).click();
    await authenticateAt(page, 'Google', dora.email, false);
    await expect(page.getByRole('alert')).toHaveText(/hasn’t verified your email/);
    await page.getByRole('link', { name: 'Continue with Google' }).click();
    await authenticateAt(page, 'Google', dora.email);
    await expect(page, 'the original destination').toHaveURL(/\/account\?a$/);
    await expect(page.getByRole('region', { name: 'Ways to sign in' })).toContainText(`Google: ${dora.email}`);

    // A WebSocket that opens while the session ends is refused, which the browser reports as an error.
    if (javaScriptEnabled) await expectLive(page);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('link', { name: 'Continue with Google' }).click();
    await authenticateAt(page, 'Google', dora.email);
    await expect(page).toHaveURL('/');
    expect((await page.context().cookies()).find((cookie) => cookie.name === '__Host-provider')).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      path: '/',
    });
  });
}

test('a provider with the address of an account is linked by a password sign-in, and unlinked @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  errors.forbidInUrls(cleo.password);
  const page = await newWindow();
  await page.goto('/sign-in?to=%2Faccount');
  await page.getByRole('link', { name: 'Continue with Google' }).click();
  await authenticateAt(page, 'Google', cleo.email);
  await expect(page.getByRole('alert')).toHaveText(/already has an account here/);
  await signInWithForm(page, cleo);
  await expect(page).toHaveURL(/\/account$/);
  const ways = page.getByRole('region', { name: 'Ways to sign in' });
  await expect(ways.getByRole('listitem')).toHaveText([`Google: ${cleo.email}`]);
  await expectNoViolations(page);

  await ways.getByLabel('Your password').fill('not hers at all');
  await ways.getByRole('button', { name: 'Remove' }).click();
  await expect(ways.getByRole('alert')).toHaveText(/isn’t your password/);
  await ways.getByLabel('Your password').fill(cleo.password);
  await ways.getByRole('button', { name: 'Remove' }).click();
  await expect(ways.getByRole('listitem')).toHaveCount(0);
  for (const subject of [/^Google was linked/, /^Google was unlinked/]) await mail(page.request, cleo.email, subject);

  const other = await newWindow();
  await other.goto('/sign-in');
  await other.getByRole('link', { name: 'Continue with Google' }).click();
  await authenticateAt(other, 'Google', cleo.email);
  await expect(other.getByRole('alert'), 'it no longer signs in').toHaveText(/already has an account here/);
});

test('a provider with another address is linked on the account page @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const providerEmail = `there-${cleo.email}`;
  await page.goto('/account');
  const ways = page.getByRole('region', { name: 'Ways to sign in' });
  await ways.getByRole('link', { name: 'Link Facebook' }).click();
  await authenticateAt(page, 'Facebook', providerEmail, false);
  await expect(page).toHaveURL(/\/account/);
  await expect(ways).toContainText(`Facebook: ${providerEmail}`);
  await ways.getByLabel('Your password').fill('not hers at all');
  await ways.getByRole('button', { name: 'Link' }).click();
  await expect(ways.getByRole('alert')).toHaveText(/isn’t your password/);
  await ways.getByLabel('Your password').fill(cleo.password);
  await ways.getByRole('button', { name: 'Link' }).click();
  await expect(ways.getByRole('listitem')).toHaveText([`Facebook: ${providerEmail}`]);
  await mail(page.request, cleo.email, /^Facebook was linked/);

  const other = await newWindow();
  await other.goto('/sign-in');
  await other.getByRole('link', { name: 'Continue with Facebook' }).click();
  await authenticateAt(other, 'Facebook', providerEmail, false);
  await expectEmptyTimeline(other);
});

test('linking a provider requires the two-factor code where it is on @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const { app } = await setUpSecondStep(page, cleo);
  const providerEmail = `there-${cleo.email}`;
  const ways = page.getByRole('region', { name: 'Ways to sign in' });
  await ways.getByRole('link', { name: 'Link Facebook' }).click();
  await authenticateAt(page, 'Facebook', providerEmail, false);
  await expect(ways).toContainText(`Facebook: ${providerEmail}`);
  const without = await submit(page.request, 'accounts/link', { password: cleo.password });
  expect((await without.json()).refused.refusal, 'the password alone').toBe('wrong_second_code');
  const link = async (code: string) => {
    await ways.getByLabel('Your password').fill(cleo.password);
    await ways.getByLabel('Two-factor code').fill(code);
    await ways.getByRole('button', { name: 'Link' }).click();
  };
  await link('000000');
  await expect(ways.getByRole('alert')).toHaveText(/isn’t the code/);
  await link(app.generate());
  await expect(ways.getByRole('listitem')).toHaveText([`Facebook: ${providerEmail}`]);
});
