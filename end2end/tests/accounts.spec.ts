import { type APIResponse, type Locator, type Page } from '@playwright/test';
import { mailedCode, submit } from './api';
import { expectNoViolations } from './axe';
import { ada, newcomer, type Person } from './cast';
import { expect, test } from './fixtures';
import { expectEmptyTimeline, signInWithForm } from './forms';
import { codeIn, linkIn, mail, mails } from './mail';
import { expectLive, openTimeline } from './table';
import { awaitRateLimitWindow } from './windows';

/** A section of the account's page. */
function section(page: Page, name: string): Locator {
  return page.getByRole('region', { name });
}

/** Waits until this window's session is over, as its next request finds out. */
async function expectSignedOut(page: Page): Promise<void> {
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in/);
}

async function refusal(answer: APIResponse): Promise<unknown> {
  return (await answer.json()).refused.refusal;
}

test('a forgotten password is set anew by mail, and everybody with the old one is out @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/reset');
  const old = await newWindow(cleo);
  const page = await newWindow();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail').fill(cleo.email);
  await page.getByRole('button', { name: 'Send a code' }).click();
  await expect(page).toHaveURL(/\/reset/);
  const fresh = { ...cleo, password: 'Cleo found another box' };
  errors.forbidInUrls(fresh.password);

  await page.getByLabel('Code').fill('000000');
  await page.getByLabel('New password').fill(fresh.password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('alert')).toHaveText(/isn’t the code/);
  await page.getByLabel('Code').fill(await mailedCode(page.request, cleo, /sets another Shoebox password/));
  await page.getByLabel('New password').fill(fresh.password);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expectEmptyTimeline(page);

  await expectSignedOut(old);
  const wrong = await submit(old.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  expect(await refusal(wrong)).toBe('wrong_credentials');
  await signInWithForm(old, fresh);
  const told = await mail(page.request, cleo.email, /password has changed/);
  expect(told.BodyText).toContain('You get this mail because');
  expect(linkIn(told)).toMatch(/\/forgot$/);
});

test('addresses with and without an account answer alike @accounts', async ({ newWindow, cleo }) => {
  const page = await newWindow();
  const nobody = newcomer('Nobody');
  const answers = async (name: string, form: Record<string, string> = {}) => {
    const [known, unknown] = await Promise.all(
      [cleo, nobody].map((person) => submit(page.request, name, { email: person.email, ...form })),
    );
    const location = (answer: APIResponse) => answer.headers()['location']?.replace(/email=[^&]*/, '');
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
    const [known, unknown] = await answers(name, form);
    expect(known, name).toBe(unknown);
  }
  const told = await mail(page.request, cleo.email, /already have/);
  expect(linkIn(told)).toMatch(/\/sign-in$/);
});

test('guessing is slowed, by account, and a code by mail ends it @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(429, '/api/accounts/sign_in');
  const page = await newWindow();
  const guess = (password: string) => submit(page.request, 'accounts/sign_in', { email: cleo.email, password });
  await awaitRateLimitWindow(15);
  const answers = [];
  for (let at = 0; at < 10; at += 1) answers.push(await refusal(await guess(`guess number ${at}`)));
  expect(new Set(answers)).toEqual(new Set(['wrong_credentials']));
  const locked = await guess(cleo.password);
  expect(locked.status()).toBe(429);
  expect(await refusal(locked)).toBe('locked_out');

  await page.goto('/sign-in');
  await signInWithForm(page, cleo);
  await expect(page.getByRole('alert')).toHaveText(/Too many wrong tries for this account\. Wait .* minutes?, or set another password by mail/);
  const fresh = { ...cleo, password: 'Cleo was not guessed' };
  await submit(page.request, 'accounts/forgot', { email: cleo.email });
  const code = await mailedCode(page.request, cleo, /sets another Shoebox password/);
  const reset = await submit(page.request, 'accounts/reset', { email: cleo.email, code, password: fresh.password });
  expect(reset.ok(), await reset.text()).toBe(true);
  await openTimeline(page);
});

test('nobody can have an address flooded with mails @accounts', async ({ newWindow }) => {
  const page = await newWindow();
  const { email } = newcomer('Nobody');
  await awaitRateLimitWindow(60);
  const answers = [];
  for (let at = 0; at < 7; at += 1) answers.push(await submit(page.request, 'accounts/forgot', { email }));
  expect(answers.map((answer) => answer.ok())).toEqual([true, true, true, true, true, false, false]);
  expect(await refusal(answers[6]!)).toBe('too_many_mails');
});

test('a password is changed by who knows it, and other places are signed out', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/change_password');
  errors.allow(401, '/api/');
  const page = await newWindow(cleo);
  const other = await newWindow(cleo);
  await openTimeline(other);
  await page.goto('/account');
  const form = section(page, 'Change password');
  const change = async (password: string, fresh: string) => {
    await form.getByLabel('Your password').fill(password);
    await form.getByLabel('New password').fill(fresh);
    await form.getByRole('button', { name: 'Change password' }).click();
  };
  await change('not her password', 'Cleo keeps another box');
  await expect(form.getByRole('alert')).toHaveText('That isn’t your password.');
  await expect(form.getByLabel('Your password')).toBeFocused();
  await change(cleo.password, 'Cleo keeps another box');
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  // Its socket is closed, so it asks for another, and learns that nobody is signed in.
  await expect(other).toHaveURL(/\/sign-in/);
  await page.reload();
  await expect(page.getByText(cleo.email)).toBeVisible();
});

test('one sees where one is signed in, and ends it', async ({ newWindow, cleo, errors }) => {
  errors.allow(401, '/api/');
  const page = await newWindow(cleo);
  const other = await newWindow(cleo);
  await openTimeline(other);
  const third = await newWindow(undefined, { timezoneId: 'Asia/Tokyo' });
  await third.goto('/sign-in');
  // The script says which clock the browser goes by.
  await expect(third.locator('input[name="zone"]')).toHaveValue('Asia/Tokyo');
  await signInWithForm(third, cleo);
  await expectEmptyTimeline(third);
  await expectLive(third);

  await page.goto('/account');
  const places = section(page, 'Where you are signed in');
  await expect(places.getByRole('listitem')).toHaveCount(3);
  await expect(places.getByText('This browser')).toHaveCount(1);
  const there = places.getByRole('listitem').filter({ hasText: 'Asia/Tokyo' });
  await expect(there).toHaveCount(1);
  await there.getByRole('button', { name: /Sign out: Chrome/ }).click();
  await expect(places.getByRole('listitem')).toHaveCount(2);
  // By itself, as its socket is closed.
  await expect(third).toHaveURL(/\/sign-in/);
  await places.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(places.getByRole('listitem')).toHaveCount(1);
  await expect(other).toHaveURL(/\/sign-in/);
});

test('an account moves to another address once a code proves it @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const moved = newcomer('Cleo');
  await page.goto('/account');
  const form = section(page, 'Change e-mail');
  const ask = async (email: string) => {
    await form.getByLabel('New e-mail').fill(email);
    await form.getByLabel('Your password').fill(cleo.password);
    await form.getByRole('button', { name: 'Send a code' }).click();
  };
  await ask(ada.email);
  await expect(form.getByText(`We sent a code to ${ada.email}`)).toBeVisible();
  expect((await mail(page.request, ada.email, /already has/)).BodyText).not.toMatch(/\b\d{6}\b/);

  await ask(moved.email);
  await expect(form.getByText(`We sent a code to ${moved.email}`)).toBeVisible();
  const code = codeIn(await mail(page.request, moved.email, /is your .* code/));
  const wrong = code === '111111' ? '222222' : '111111';
  await form.getByLabel('Code').fill(wrong);
  await form.getByRole('button', { name: 'Confirm' }).click();
  await expect(form.getByRole('alert')).toHaveText(/isn’t the code/);
  await form.getByLabel('Code').fill(code);
  await form.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('Your e-mail is changed.')).toBeVisible();
  await expect(page.getByText(moved.email)).toBeVisible();
  expect((await mail(page.request, cleo.email, /has moved/)).BodyText).toContain(moved.email);

  const there = await newWindow();
  await there.goto('/sign-in');
  await signInWithForm(there, { email: moved.email, password: cleo.password });
  await expectEmptyTimeline(there);
  const before = await submit(there.request, 'accounts/sign_in', { email: cleo.email, password: cleo.password });
  expect(await refusal(before)).toBe('wrong_credentials');
});

test('who is invited comes in by the link in their mail, once @accounts', async ({ newWindow, errors }) => {
  errors.allow(422, '/api/accounts/');
  errors.allow(422, '/join');
  const owner = await newWindow(ada);
  await owner.goto('/people');
  const invitations = section(owner, 'Invitations');
  const invite = async (person: Person) => {
    await invitations.getByLabel('Guest’s e-mail address').fill(person.email);
    await invitations.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(invitations.getByRole('listitem').filter({ hasText: person.email })).toBeVisible();
    return linkIn(await mail(owner.request, person.email, /invites you/));
  };
  const ben = newcomer('Ben');
  errors.forbidInUrls(ben.password);
  const replaced = await invite(ben);
  // Asked once more, the newest link is good.
  await invite(ben);
  const links = async () => (await mails(owner.request, ben.email)).map(linkIn).filter((link) => link !== replaced);
  await expect.poll(links).toHaveLength(1);
  const [link] = (await links()) as [string];
  await expect(invitations.getByRole('listitem').filter({ hasText: ben.email })).toHaveCount(1);
  await expectNoViolations(owner, 'the page of people');
  const guest = await newWindow();
  // That somebody began to sign up with the address is no hindrance.
  await submit(guest.request, 'accounts/sign_up', { email: ben.email });
  await guest.goto(link);
  await expect(guest.getByLabel('E-mail')).toHaveValue(ben.email);
  await expectNoViolations(guest, 'the page of an invitation');
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
  await invitations.getByLabel('Guest’s e-mail address').fill(ben.email);
  await invitations.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(invitations.getByRole('alert')).toHaveText(/has an account here already/);
  const invitation = new URL(link).searchParams.get('invitation')!;
  for (const bad of [invitation, `${invitation}A`, `x${invitation}`, invitation.split('.')[0]!, '']) {
    const answer = await submit(late.request, 'accounts/join', { invitation: bad, password: 'long enough for one' });
    expect(await refusal(answer), bad).toBe('invitation_ended');
  }

  const dora = newcomer('Dora');
  const withdrawn = await invite(dora);
  await invitations.getByRole('button', { name: `Revoke: ${dora.email}` }).click();
  await expect(invitations.getByText(dora.email)).toBeHidden();
  await late.goto(withdrawn);
  await expect(late.getByRole('alert')).toHaveText(/invitation was used, revoked/);
  expect(await mails(owner.request, dora.email)).toHaveLength(1);
});

test('operators invite, and only owners say who operates and owns @accounts', async ({ newWindow, cleo, errors }) => {
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
  await expect(page.getByRole('button', { name: /Make|No longer/ })).toHaveCount(0);
  const opened = await submit(page.request, 'accounts/set_open', { open: 'true' });
  expect(await refusal(opened)).toBe('owner_only');

  await accounts.getByRole('button', { name: `No longer operator: ${cleo.email}` }).click();
  await expect(accounts.getByRole('listitem').filter({ hasText: cleo.email })).toContainText('Member');
  await page.goto('/people');
  await expect(page.getByRole('alert')).toHaveText(/Only operators/);
  errors.allow(422, '/api/accounts/set_group');
  await accounts.getByRole('button', { name: `No longer owner: ${ada.email}` }).click();
  await expect(accounts.getByRole('alert')).toHaveText(/needs an owner/);
});

test('the owner says how much room each library has, and everybody sees what theirs takes @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/set_quota');
  const owner = await newWindow(ada);
  const page = await newWindow(cleo);
  await page.goto('/account');
  await expect(section(page, 'Storage')).toContainText('0 bytes of 50 GB, 0 photos');
  await owner.goto('/people');
  const room = section(owner, 'Storage');
  const field = room.getByLabel('Storage for each account, in GB');
  for (const bad of ['-1', 'abc', '0.5', '1e3', '0', '99999999999']) {
    await field.fill(bad);
    const answer = owner.waitForResponse('**/api/accounts/set_quota');
    await room.getByRole('button', { name: 'Save' }).click();
    expect((await answer).status(), bad).toBe(422);
    await expect(room.getByRole('alert'), bad).toHaveText(/^Enter a whole number of gigabytes from 1 to/);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field, 'what was typed stays').toHaveValue(bad);
  }
  await field.fill('60');
  const most = room.getByLabel('Photos for each account, at most');
  await expect(most).toHaveValue('200000');
  await most.fill('0');
  await room.getByRole('button', { name: 'Save' }).click();
  await expect(room.getByRole('alert')).toHaveText(/^Enter a whole number of photos from 1 to/);
  await most.fill('200000');
  await room.getByRole('button', { name: 'Save' }).click();
  await expect(owner.getByText('Saved.')).toBeVisible();
  await expect(room.getByRole('alert')).toHaveCount(0);
  await expect(field).toHaveValue('60');
  await expect(async () => {
    await page.reload();
    await expect(section(page, 'Storage')).toContainText('0 bytes of 60 GB, 0 photos', { timeout: 1000 });
  }).toPass();
});
