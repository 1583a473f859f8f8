import { type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { submit } from './api';
import { expectNoViolations } from './axe';
import { expect, test } from './fixtures';
import { linkIn, mail, mails, stopLinkIn } from './mail';
import { stage } from './stage';
import { expectLive, holdWasm } from './timeline';

function section(page: Page): Locator {
  return page.getByRole('region', { name: 'Notifications' });
}

/** A phone number that no other test uses. */
function uniqueNumber(): string {
  return `+4420${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
}

/** Requests a code for a phone number with the last form of the section. */
async function requestCode(page: Page, number: string, password: string): Promise<void> {
  await section(page).getByLabel('Phone number').fill(number);
  await section(page).getByLabel('Your password').last().fill(password);
  await section(page).getByRole('button', { name: 'Send code' }).click();
}

/** Waits for a text message to a number that matches; returns the newest. */
async function textMessage(request: APIRequestContext, number: string, pattern: RegExp): Promise<string> {
  const address = new URL('/_ministack/sns/sms-messages', stage.mail);
  address.searchParams.set('phoneNumber', number);
  const newest = async () => {
    const sent: { sms_messages: Record<string, { Message: string }[]> } = await (await request.get(address.href)).json();
    return sent.sms_messages[number]!.map((one) => one.Message).findLast((one) => pattern.test(one));
  };
  await expect.poll(newest, { message: `a text message to ${number}: ${pattern}` }).toBeDefined();
  return (await newest())!;
}

async function textedCode(request: APIRequestContext, number: string): Promise<string> {
  return (await textMessage(request, number, /is your Shoebox code/)).slice(0, 6);
}

test('an error from before hydration is cleared by the next successful submit @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const releaseWasm = await holdWasm(page);
  await page.goto('/account', { waitUntil: 'domcontentloaded' });
  await requestCode(page, '020 7946 0000', cleo.password);
  await expect(section(page).getByRole('alert')).toHaveText(/with its country code/);
  releaseWasm();
  await expectLive(page);
  await expect(section(page).getByRole('alert')).toHaveText(/with its country code/);
  const phone = uniqueNumber();
  await requestCode(page, phone, cleo.password);
  await expect(section(page).getByText(`We texted a code to ${phone}`)).toBeVisible();
  await expect(section(page).getByRole('alert')).toHaveCount(0);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';

  test(`${how} JavaScript a user verifies a phone number and chooses its notifications @accounts`, async ({ newWindow, cleo, errors }) => {
    errors.allow(422, '/api/accounts/');
    if (!javaScriptEnabled) errors.allowText(/^csp$/);
    const page = await newWindow(cleo, { javaScriptEnabled });
    const phone = uniqueNumber();
    await page.goto('/account');
    await requestCode(page, '020 7946 0000', cleo.password);
    await expect(section(page).getByRole('alert')).toHaveText(/with its country code/);
    const typed = `${phone.slice(0, 3)} ${phone.slice(3)}`;
    await requestCode(page, typed, 'not her password');
    await expect(section(page).getByRole('alert')).toHaveText('That isn’t your password.');
    await requestCode(page, typed, cleo.password);
    await expect(section(page).getByText(`We texted a code to ${phone}`)).toBeVisible();
    await expect(section(page).getByLabel('Code', { exact: true })).toHaveAttribute('autocomplete', 'one-time-code');
    if (javaScriptEnabled) await expectNoViolations(page);

    const code = await textedCode(page.request, phone);
    await section(page).getByLabel('Code', { exact: true }).fill(code === '111111' ? '222222' : '111111');
    await section(page).getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(section(page).getByRole('alert')).toHaveText(/isn’t the code/);
    await section(page).getByLabel('Code', { exact: true }).fill(code);
    await section(page).getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(section(page).getByText(`We text ${phone}`)).toBeVisible();
    await expect(section(page).getByRole('button', { name: /^Turn on text messages/ })).toHaveCount(2);
    await section(page).getByRole('button', { name: 'Turn on text messages: Changes to your account' }).click();
    await expect(section(page).getByRole('button', { name: 'Turn off text messages: Changes to your account' })).toBeVisible();
    if (javaScriptEnabled) await expectNoViolations(page);

    const changed = { password: cleo.password, new_password: 'Cleo reads her text messages' };
    errors.forbidInUrls(changed.new_password);
    expect((await submit(page.request, 'accounts/change_password', changed)).ok()).toBe(true);
    expect(await textMessage(page.request, phone, /password has changed/)).toContain(`${stage.address}/forgot`);
    await mail(page.request, cleo.email, /password has changed/);

    for (const password of [cleo.password, changed.new_password]) {
      // The first is no longer her password.
      await section(page).getByLabel('Your password').first().fill(password);
      await section(page).getByRole('button', { name: 'Remove this number' }).click();
      if (password === cleo.password) await expect(section(page).getByRole('alert')).toHaveText('That isn’t your password.');
    }
    await expect(section(page).getByText(phone)).toBeHidden();
    for (const subject of [/^A phone number was added/, /^The phone number was removed/]) await mail(page.request, cleo.email, subject);
  });

  test(`${how} JavaScript a mail’s unsubscribe link stops mails, and the account page turns them on again @accounts`, async ({ newWindow, cleo, errors }) => {
    errors.allow(422, '/stop');
    if (!javaScriptEnabled) errors.allowText(/^csp$/);
    const signedOut = await newWindow(undefined, { javaScriptEnabled });
    await submit(signedOut.request, 'accounts/sign_up', { email: cleo.email });
    const notification = await mail(signedOut.request, cleo.email, /already have/);
    expect(linkIn(notification)).toMatch(/\/sign-in$/);
    const link = stopLinkIn(notification);
    await signedOut.goto(`${link}A`);
    await expect(signedOut.getByRole('alert')).toHaveText(/is incomplete/);
    await signedOut.goto(link);
    if (javaScriptEnabled) await expectNoViolations(signedOut);
    await signedOut.getByRole('button', { name: 'Unsubscribe' }).click();
    await expect(signedOut.getByText('You’re unsubscribed from these emails.')).toBeVisible();
    await signedOut.goto(link);
    await expect(signedOut.getByText('You’re unsubscribed from these emails.')).toBeVisible();
    await expect(signedOut.getByRole('button')).toHaveCount(0);

    const page = await newWindow(cleo, { javaScriptEnabled });
    await page.goto('/account');
    const again = section(page).getByRole('button', { name: 'Turn on emails: Sign-up attempts with your email' });
    await again.click();
    await expect(section(page).getByRole('button', { name: 'Turn off emails: Sign-up attempts with your email' })).toBeVisible();
    const before = (await mails(page.request, cleo.email)).length;
    await submit(page.request, 'accounts/sign_up', { email: cleo.email });
    await expect.poll(async () => (await mails(page.request, cleo.email)).length).toBe(before + 1);
  });
}
