import { type Page } from '@playwright/test';
import { submit } from './api';
import { newcomer } from './people';
import { expect, test } from './fixtures';
import { expectEmptyTimeline, setUpSecondStep, signInWithForm } from './forms';
import { mail } from './mail';
import { expectLive } from './timeline';

/**
 * Adds a virtual authenticator that approves every request. It would also approve conditional mediation (autofill), which
 * is therefore turned off unless `conditional`.
 */
async function addAuthenticator(page: Page, conditional = false): Promise<void> {
  if (!conditional) {
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
  }
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

function passkeys(page: Page) {
  return page.getByRole('region', { name: 'Passkeys' });
}

async function addPasskey(page: Page, password: string, code?: string): Promise<void> {
  const section = passkeys(page);
  await section.getByLabel('Your password').last().fill(password);
  if (code !== undefined) await section.getByLabel('Code from your app').last().fill(code);
  await section.getByRole('button', { name: 'Add a passkey' }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.goto('/');
  // A WebSocket that is still opening would be refused without a session.
  await expectLive(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
}

test('a passkey signs in until it is removed @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  errors.allow(401, '/api/accounts/passkey_sign_in');
  const page = await newWindow(cleo);
  await addAuthenticator(page);
  await page.goto('/account');
  await addPasskey(page, 'not her password');
  await expect(passkeys(page).getByRole('alert')).toHaveText('That isn’t your password.');
  await addPasskey(page, cleo.password);
  await expect(passkeys(page).getByRole('listitem')).toHaveCount(1);
  await expect(passkeys(page).getByRole('listitem')).toHaveText(/Chrome on Linux/);
  await mail(page.request, cleo.email, /passkeys/);
  await addPasskey(page, cleo.password);
  await expect(passkeys(page).getByRole('alert')).toHaveText('This device already has a passkey for this account.');

  await signOut(page);
  const button = page.getByRole('button', { name: `Sign in as ${cleo.email} with a passkey` });
  await expect(button).toBeFocused();
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.url().endsWith('/api/accounts/passkey_sign_in')),
    page.keyboard.press('Enter'),
  ]);
  await expectEmptyTimeline(page);
  const form = Object.fromEntries(new URLSearchParams(request.postData()!));
  const replayed = await submit(page.request, 'accounts/passkey_sign_in', form);
  expect((await replayed.json()).refused.refusal, 'a replayed assertion is refused').toBe('sign_in_again');

  await page.goto('/account');
  const section = passkeys(page);
  await section.getByLabel('Your password').first().fill(cleo.password);
  await section.getByRole('button', { name: 'Remove' }).click();
  await expect(section.getByRole('listitem')).toHaveCount(0);
  await signOut(page);
  await button.click();
  await expect(page.getByRole('alert')).toHaveText(/^No passkey was used/);
});

test('the e-mail field offers passkeys by autofill @accounts', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await addAuthenticator(page, true);
  await page.goto('/account');
  await addPasskey(page, cleo.password);
  await expect(passkeys(page).getByRole('listitem')).toHaveCount(1);
  await signOut(page);
  await expectEmptyTimeline(page);
});

test('a passkey satisfies two-factor authentication, and adding one requires it @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  await addAuthenticator(page);
  const { app } = await setUpSecondStep(page, cleo);
  await addPasskey(page, cleo.password, '000000');
  await expect(passkeys(page).getByRole('alert')).toHaveText(/isn’t the code/);
  await addPasskey(page, cleo.password, app.generate());
  await expect(passkeys(page).getByRole('listitem')).toHaveCount(1);
  await signOut(page);
  await page.goto('/sign-in?to=%2Faccount');
  await page.getByRole('button', { name: /with a passkey/ }).click();
  await expect(page).toHaveURL(/\/account$/);
});

test('passkey challenges do not reveal whether an address has an account @accounts', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow();
  const nobody = newcomer('Nobody');
  const options = async (email: string) => JSON.parse((await (await submit(page.request, 'accounts/ask_passkey', { email })).json()).options);
  const [known, unknown, again] = [await options(cleo.email), await options(nobody.email), await options(nobody.email)];
  expect(Object.keys(known)).toEqual(Object.keys(unknown));
  expect(unknown.allowCredentials).toEqual(again.allowCredentials);
  expect(unknown.challenge).not.toBe(again.challenge);
  expect(unknown.allowCredentials).not.toEqual(known.allowCredentials);

  await addAuthenticator(page);
  await page.goto('/sign-in');
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await button.click();
  await expect(page.getByRole('alert')).toHaveText(/^Enter your email first/);
  for (const email of [cleo.email, nobody.email]) {
    await page.getByLabel('Email').fill(email);
    await button.click();
    await expect(page.getByRole('alert')).toHaveText(/^No passkey was used/);
  }
  await signInWithForm(page, cleo);
  await expectEmptyTimeline(page);
});

test('without JavaScript the account page says that passkeys need it', async ({ newWindow, cleo, errors }) => {
  errors.allowText(/^csp$/);
  const page = await newWindow(cleo, { javaScriptEnabled: false });
  await page.goto('/account');
  await expect(passkeys(page).locator('noscript')).toBeVisible();
  await expect(passkeys(page).getByRole('button', { name: 'Add a passkey' })).toBeHidden();
  const signedOut = await newWindow(undefined, { javaScriptEnabled: false });
  await signedOut.goto('/sign-in');
  await expect(signedOut.getByRole('button', { name: /passkey/ })).toHaveCount(0);
});
