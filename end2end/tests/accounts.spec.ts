import { type APIResponse, type Locator, type Page } from '@playwright/test';
import { mailedCode, submit } from './api';
import { expectNoViolations } from './axe';
import { ada, newcomer, type Person } from './people';
import { expect, test } from './fixtures';
import { expectEmptyTimeline, signInWithForm } from './forms';
import { codeIn, linkIn, mail, mails } from './mail';
import { expectLive, openTimeline } from './timeline';
import { awaitRateLimitWindow } from './rate-limits';

function section(page: Page, name: string): Locator {
  return page.getByRole('region', { name });
}

/** Expects that the session has ended: the next request redirects to sign-in. */
async function expectSignedOut(page: Page): Promise<void> {
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in/);
}

async function refusal(response: APIResponse): Promise<unknown> {
  return (await response.json()).refused.refusal;
}

test('a password reset by mail ends all other sessions @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/reset');
  const old = await newWindow(cleo);
  const page = await newWindow();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(cleo.email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page).toHaveURL(/\/reset/);
  const changed = { ...cleo, password: 'Cleo found another box' };
  errors.forbidInUrls(changed.password);

  await page.getByLabel('Code').fill('000000');
  await page.getByLabel('New password').fill(changed.password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('alert')).toHaveText(/isn’t the code/);
  await page.getByLabel('Code').fill(await mailedCode(page.request, cleo, /Shoebox password reset code/));
  await page.getByLabel('New password').fill(changed.password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expectEmptyTimeline(page);

  await expectSignedOut(old);
  const wrong = await submit(old.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  expect(await refusal(wrong)).toBe('wrong_credentials');
  await signInWithForm(old, changed);
  const notification = await mail(page.request, cleo.email, /password has changed/);
  expect(notification.BodyText).toContain('You received this email because');
  expect(linkIn(notification)).toMatch(/\/forgot$/);
});

test('responses do not reveal whether an address has an account @accounts', async ({ newWindow, cleo }) => {
  const page = await newWindow();
  const nobody = newcomer('Nobody');
  const submitBoth = async (name: string, form: Record<string, string> = {}) => {
    const [known, unknown] = await Promise.all(
      [cleo, nobody].map((person) => submit(page.request, name, { email: person.email, ...form })),
    );
    const location = (response: APIResponse) => response.headers()['location']?.replace(/email=[^&]*/, '');
    expect([known!.status(), location(known!)], name).toEqual([unknown!.status(), location(unknown!)]);
    return Promise.all([known!.text(), unknown!.text()]);
  };
  for (const [name, form] of Object.entries<Record<string, string>>({
    'accounts/sign_up': {},
    'accounts/resend_code': {},
    'accounts/forgot': {},
    'accounts/confirm': { code: '000000', password: 'long enough for one' },
    'accounts/reset': { code: '000000', password: 'long enough for one' },
    'accounts/sign_in': { password: 'long enough for one' },
  })) {
    const [known, unknown] = await submitBoth(name, form);
    expect(known, name).toBe(unknown);
  }
  const notification = await mail(page.request, cleo.email, /already have/);
  expect(linkIn(notification)).toMatch(/\/sign-in$/);
});

test('failed sign-ins lock an account until its password is reset by mail @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(429, '/api/accounts/sign_in');
  const page = await newWindow();
  const guess = (password: string) => submit(page.request, 'accounts/sign_in', { email: cleo.email, password });
  await awaitRateLimitWindow(15);
  const refusals = [];
  for (let at = 0; at < 10; at += 1) refusals.push(await refusal(await guess(`guess number ${at}`)));
  expect(new Set(refusals)).toEqual(new Set(['wrong_credentials']));
  const locked = await guess(cleo.password);
  expect(locked.status()).toBe(429);
  expect(await refusal(locked)).toBe('locked_out');

  await page.goto('/sign-in');
  await signInWithForm(page, cleo);
  await expect(page.getByRole('alert')).toHaveText(/Too many failed attempts for this account\. Wait .* minutes?, or reset your password by email/);
  const changed = { ...cleo, password: 'Cleo was not guessed' };
  await submit(page.request, 'accounts/forgot', { email: cleo.email });
  const code = await mailedCode(page.request, cleo, /Shoebox password reset code/);
  const reset = await submit(page.request, 'accounts/reset', { email: cleo.email, code, password: changed.password });
  expect(reset.ok(), await reset.text()).toBe(true);
  await openTimeline(page);
});

test('mails to an address are rate-limited @accounts', async ({ newWindow }) => {
  const page = await newWindow();
  const { email } = newcomer('Nobody');
  await awaitRateLimitWindow(60);
  const responses = [];
  for (let at = 0; at < 7; at += 1) responses.push(await submit(page.request, 'accounts/forgot', { email }));
  expect(responses.map((response) => response.ok())).toEqual([true, true, true, true, true, false, false]);
  expect(await refusal(responses[6]!)).toBe('too_many_mails');
});

test('changing the password requires the current one and ends other sessions', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/change_password');
  errors.allow(401, '/api/');
  const page = await newWindow(cleo);
  const other = await newWindow(cleo);
  await openTimeline(other);
  await page.goto('/account');
  const form = section(page, 'Change password');
  const change = async (password: string, newPassword: string) => {
    await form.getByLabel('Your password').fill(password);
    await form.getByLabel('New password').fill(newPassword);
    await form.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not her password', 'Cleo keeps another box');
  await expect(form.getByRole('alert')).toHaveText('That isn’t your password.');
  await expect(form.getByLabel('Your password')).toBeFocused();
  await change(cleo.password, 'Cleo keeps another box');
  await expect(page.getByText('Your password was changed.')).toBeVisible();
  // Its WebSocket is closed, and the ticket for the next one is refused.
  await expect(other).toHaveURL(/\/sign-in/);
  await page.reload();
  await expect(page.getByText(cleo.email)).toBeVisible();
});

test('the account page lists sessions and ends them', async ({ newWindow, cleo, errors }) => {
  errors.allow(401, '/api/');
  const page = await newWindow(cleo);
  const other = await newWindow(cleo);
  await openTimeline(other);
  const third = await newWindow(undefined, { timezoneId: 'Asia/Tokyo' });
  await third.goto('/sign-in');
  // The script fills in the browser's time zone.
  await expect(third.locator('input[name="zone"]')).toHaveValue('Asia/Tokyo');
  await signInWithForm(third, cleo);
  await expectEmptyTimeline(third);
  await expectLive(third);

  await page.goto('/account');
  const sessions = section(page, 'Where you’re signed in');
  await expect(sessions.getByRole('listitem')).toHaveCount(3);
  await expect(sessions.getByText('This browser')).toHaveCount(1);
  const tokyo = sessions.getByRole('listitem').filter({ hasText: 'Asia/Tokyo' });
  await expect(tokyo).toHaveCount(1);
  await tokyo.getByRole('button', { name: /Sign out: Chrome/ }).click();
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  // Without a reload, because its WebSocket is closed.
  await expect(third).toHaveURL(/\/sign-in/);
  await sessions.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect(other).toHaveURL(/\/sign-in/);
});

test('the address of an account changes once a mailed code confirms it @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const moved = newcomer('Cleo');
  await page.goto('/account');
  const form = section(page, 'Change email');
  const requestChange = async (email: string) => {
    await form.getByLabel('New email').fill(email);
    await form.getByLabel('Your password').fill(cleo.password);
    await form.getByRole('button', { name: 'Send code' }).click();
  };
  await requestChange(ada.email);
  await expect(form.getByText(`We sent a code to ${ada.email}`)).toBeVisible();
  expect((await mail(page.request, ada.email, /already has/)).BodyText).not.toMatch(/\b\d{6}\b/);

  await requestChange(moved.email);
  await expect(form.getByText(`We sent a code to ${moved.email}`)).toBeVisible();
  const code = codeIn(await mail(page.request, moved.email, /is your .* code/));
  const wrong = code === '111111' ? '222222' : '111111';
  await form.getByLabel('Code').fill(wrong);
  await form.getByRole('button', { name: 'Confirm' }).click();
  await expect(form.getByRole('alert')).toHaveText(/isn’t the code/);
  await form.getByLabel('Code').fill(code);
  await form.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('Your email was changed.')).toBeVisible();
  await expect(page.getByText(moved.email)).toBeVisible();
  expect((await mail(page.request, cleo.email, /has moved/)).BodyText).toContain(moved.email);

  const other = await newWindow();
  await other.goto('/sign-in');
  await signInWithForm(other, { email: moved.email, password: cleo.password });
  await expectEmptyTimeline(other);
  const oldAddress = await submit(other.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  expect(await refusal(oldAddress)).toBe('wrong_credentials');
});

test('an invitation link creates one account, until it is used, replaced or revoked @accounts', async ({ newWindow, errors }) => {
  errors.allow(422, '/api/accounts/');
  errors.allow(422, '/join');
  const owner = await newWindow(ada);
  await owner.goto('/people');
  const invitations = section(owner, 'Invitations');
  const invite = async (person: Person) => {
    await invitations.getByLabel('Email address to invite').fill(person.email);
    await invitations.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(invitations.getByRole('listitem').filter({ hasText: person.email })).toBeVisible();
    return linkIn(await mail(owner.request, person.email, /invited you/));
  };
  const ben = newcomer('Ben');
  errors.forbidInUrls(ben.password);
  const replaced = await invite(ben);
  // A second invitation replaces the link of the first.
  await invite(ben);
  const links = async () => (await mails(owner.request, ben.email)).map(linkIn).filter((link) => link !== replaced);
  await expect.poll(links).toHaveLength(1);
  const [link] = (await links()) as [string];
  await expect(invitations.getByRole('listitem').filter({ hasText: ben.email })).toHaveCount(1);
  await expectNoViolations(owner, 'people page: axe');
  const guest = await newWindow();
  // A pending sign-up with the same address does not prevent joining.
  await submit(guest.request, 'accounts/sign_up', { email: ben.email });
  await guest.goto(link);
  await expect(guest.getByLabel('Email')).toHaveValue(ben.email);
  await expectNoViolations(guest, 'invitation page: axe');
  await guest.getByLabel('Password').fill(ben.password);
  await guest.getByRole('button', { name: 'Create account' }).click();
  await expectEmptyTimeline(guest);
  await owner.reload();
  await expect(invitations.getByText(ben.email)).toBeHidden();
  await expect(section(owner, 'Accounts').getByText(ben.email)).toBeVisible();

  const late = await newWindow();
  for (const ended of [replaced, link]) {
    await late.goto(ended);
    await expect(late.getByRole('alert')).toHaveText(/invitation was used/);
    await expect(late.getByRole('link', { name: 'Back to photos' })).toBeVisible();
  }
  await invitations.getByLabel('Email address to invite').fill(ben.email);
  await invitations.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(invitations.getByRole('alert')).toHaveText(/already has an account here/);
  const invitation = new URL(link).searchParams.get('invitation')!;
  for (const bad of [invitation, `${invitation}A`, `x${invitation}`, invitation.split('.')[0]!, '']) {
    const response = await submit(late.request, 'accounts/join', { invitation: bad, password: 'long enough for one' });
    expect(await refusal(response), bad).toBe('invitation_ended');
  }

  const dora = newcomer('Dora');
  const withdrawn = await invite(dora);
  await invitations.getByRole('button', { name: `Revoke: ${dora.email}` }).click();
  await expect(invitations.getByText(dora.email)).toBeHidden();
  await late.goto(withdrawn);
  await expect(late.getByRole('alert')).toHaveText(/invitation was used, revoked/);
  expect(await mails(owner.request, dora.email)).toHaveLength(1);
});

test('operators can invite, and only owners can change roles @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(403, '/');
  const owner = await newWindow(ada);
  const page = await newWindow(cleo);
  await page.goto('/people');
  await expect(page.getByRole('alert')).toHaveText(/Only operators/);

  await owner.goto('/people');
  const accounts = section(owner, 'Accounts');
  await accounts.getByRole('button', { name: `Make operator: ${cleo.email}` }).click();
  await expect(accounts.getByRole('listitem').filter({ hasText: cleo.email })).toContainText('Operator');
  await page.goto('/people');
  await expect(section(page, 'Invitations')).toBeVisible();
  await expect(page.getByRole('region', { name: 'New accounts' })).toBeHidden();
  await expect(page.getByRole('button', { name: /Make|Remove as/ })).toHaveCount(0);
  const opened = await submit(page.request, 'accounts/set_open', { open: 'true' });
  expect(await refusal(opened)).toBe('owner_only');

  await accounts.getByRole('button', { name: `Remove as operator: ${cleo.email}` }).click();
  await expect(accounts.getByRole('listitem').filter({ hasText: cleo.email })).toContainText('Member');
  await page.goto('/people');
  await expect(page.getByRole('alert')).toHaveText(/Only operators/);
  errors.allow(422, '/api/accounts/set_group');
  await accounts.getByRole('button', { name: `Remove as owner: ${ada.email}` }).click();
  await expect(accounts.getByRole('alert')).toHaveText(/needs an owner/);
});

test('the owner sets the quota, and accounts see their usage @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/set_quota');
  const owner = await newWindow(ada);
  const page = await newWindow(cleo);
  await page.goto('/account');
  await expect(section(page, 'Storage')).toContainText('0 bytes of 50 GB, 0 photos');
  await owner.goto('/people');
  const storage = section(owner, 'Storage');
  const field = storage.getByLabel('Storage for each account, in GB');
  for (const bad of ['-1', 'abc', '0.5', '1e3', '0', '99999999999']) {
    await field.fill(bad);
    const response = owner.waitForResponse('**/api/accounts/set_quota');
    await storage.getByRole('button', { name: 'Save' }).click();
    expect((await response).status(), bad).toBe(422);
    await expect(storage.getByRole('alert'), bad).toHaveText(/^Enter a whole number of gigabytes from 1 to/);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field, 'the input keeps its value').toHaveValue(bad);
  }
  await field.fill('60');
  const maxPhotos = storage.getByLabel('Photo limit for each account');
  await expect(maxPhotos).toHaveValue('200000');
  await maxPhotos.fill('0');
  await storage.getByRole('button', { name: 'Save' }).click();
  await expect(storage.getByRole('alert')).toHaveText(/^Enter a whole number of photos from 1 to/);
  await maxPhotos.fill('200000');
  await storage.getByRole('button', { name: 'Save' }).click();
  await expect(owner.getByText('Saved.')).toBeVisible();
  await expect(storage.getByRole('alert')).toHaveCount(0);
  await expect(field).toHaveValue('60');
  await expect(async () => {
    await page.reload();
    await expect(section(page, 'Storage')).toContainText('0 bytes of 60 GB, 0 photos', { timeout: 1000 });
  }).toPass();
});
