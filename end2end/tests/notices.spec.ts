import { type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { submit } from './api';
import { expectNoViolations } from './axe';
import { expect, test } from './fixtures';
import { linkIn, mail, mails, stopLinkIn } from './mail';
import { stage } from './stage';
import { expectLive, holdWasm } from './table';

function section(page: Page): Locator {
  return page.getByRole('region', { name: 'Mails and text messages' });
}

/** A number that no other test has. */
function number(): string {
  return `+4420${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
}

/** Asks for a code to a number, in the form at the section's end. */
async function askForCode(page: Page, number: string, password: string): Promise<void> {
  await section(page).getByLabel('Phone number').fill(number);
  await section(page).getByLabel('Your password').last().fill(password);
  await section(page).getByRole('button', { name: 'Send a code' }).click();
}

/** The newest text to a number, once one says something like this. */
async function text(request: APIRequestContext, number: string, like: RegExp): Promise<string> {
  const address = new URL('/_ministack/sns/sms-messages', stage.mail);
  address.searchParams.set('phoneNumber', number);
  const newest = async () => {
    const sent: { sms_messages: Record<string, { Message: string }[]> } = await (await request.get(address.href)).json();
    return sent.sms_messages[number]!.map((one) => one.Message).findLast((one) => like.test(one));
  };
  await expect.poll(newest, { message: `a text to ${number}: ${like}` }).toBeDefined();
  return (await newest())!;
}

async function codeOn(request: APIRequestContext, number: string): Promise<string> {
  return (await text(request, number, /is your Shoebox code/)).slice(0, 6);
}

test('what was wrong before the script came is forgotten once it is right @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/');
  const page = await newWindow(cleo);
  const releaseWasm = await holdWasm(page);
  await page.goto('/account', { waitUntil: 'domcontentloaded' });
  await askForCode(page, '020 7946 0000', cleo.password);
  await expect(section(page).getByRole('alert')).toHaveText(/with its country’s code/);
  releaseWasm();
  await expectLive(page);
  await expect(section(page).getByRole('alert')).toHaveText(/with its country’s code/);
  const phone = number();
  await askForCode(page, phone, cleo.password);
  await expect(section(page).getByText(`We texted a code to ${phone}`)).toBeVisible();
  await expect(section(page).getByRole('alert')).toHaveCount(0);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';

  test(`${how} JavaScript one proves a phone and chooses what is texted to it @accounts`, async ({ newWindow, cleo, errors }) => {
    errors.allow(422, '/api/accounts/');
    if (!javaScriptEnabled) errors.allowText(/^csp$/);
    const page = await newWindow(cleo, { javaScriptEnabled });
    const phone = number();
    await page.goto('/account');
    await askForCode(page, '020 7946 0000', cleo.password);
    await expect(section(page).getByRole('alert')).toHaveText(/with its country’s code/);
    const typed = `${phone.slice(0, 3)} ${phone.slice(3)}`;
    await askForCode(page, typed, 'not her password');
    await expect(section(page).getByRole('alert')).toHaveText('That isn’t your password.');
    await askForCode(page, typed, cleo.password);
    await expect(section(page).getByText(`We texted a code to ${phone}`)).toBeVisible();
    await expect(section(page).getByLabel('Code', { exact: true })).toHaveAttribute('autocomplete', 'one-time-code');
    if (javaScriptEnabled) await expectNoViolations(page);

    const code = await codeOn(page.request, phone);
    await section(page).getByLabel('Code', { exact: true }).fill(code === '111111' ? '222222' : '111111');
    await section(page).getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(section(page).getByRole('alert')).toHaveText(/isn’t the code/);
    await section(page).getByLabel('Code', { exact: true }).fill(code);
    await section(page).getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(section(page).getByText(`They go to ${phone}`)).toBeVisible();
    await expect(section(page).getByRole('button', { name: /^Turn on by text message/ })).toHaveCount(2);
    await section(page).getByRole('button', { name: 'Turn on by text message: Changes to your account' }).click();
    await expect(section(page).getByRole('button', { name: 'Turn off by text message: Changes to your account' })).toBeVisible();
    if (javaScriptEnabled) await expectNoViolations(page);

    const changed = { password: cleo.password, new_password: 'Cleo is told by phone' };
    errors.forbidInUrls(changed.new_password);
    expect((await submit(page.request, 'accounts/change_password', changed)).ok()).toBe(true);
    expect(await text(page.request, phone, /password has changed/)).toContain(`${stage.address}/forgot`);
    await mail(page.request, cleo.email, /password has changed/);

    for (const password of [cleo.password, changed.new_password]) {
      // The first is hers no more.
      await section(page).getByLabel('Your password').first().fill(password);
      await section(page).getByRole('button', { name: 'Remove this number' }).click();
      if (password === cleo.password) await expect(section(page).getByRole('alert')).toHaveText('That isn’t your password.');
    }
    await expect(section(page).getByText(phone)).toBeHidden();
    for (const told of [/^A phone number was added/, /^The phone number was removed/]) await mail(page.request, cleo.email, told);
  });

  test(`${how} JavaScript a mail’s link stops mails like it, and the account’s page has them again @accounts`, async ({ newWindow, cleo, errors }) => {
    errors.allow(422, '/stop');
    if (!javaScriptEnabled) errors.allowText(/^csp$/);
    const signedOut = await newWindow(undefined, { javaScriptEnabled });
    await submit(signedOut.request, 'accounts/sign_up', { email: cleo.email });
    const told = await mail(signedOut.request, cleo.email, /already have/);
    expect(linkIn(told)).toMatch(/\/sign-in$/);
    const link = stopLinkIn(told);
    await signedOut.goto(`${link}A`);
    await expect(signedOut.getByRole('alert')).toHaveText(/isn’t whole/);
    await signedOut.goto(link);
    if (javaScriptEnabled) await expectNoViolations(signedOut);
    await signedOut.getByRole('button', { name: 'Stop these mails' }).click();
    await expect(signedOut.getByText('These mails are stopped.')).toBeVisible();
    await signedOut.goto(link);
    await expect(signedOut.getByText('These mails are stopped.')).toBeVisible();
    await expect(signedOut.getByRole('button')).toHaveCount(0);

    const page = await newWindow(cleo, { javaScriptEnabled });
    await page.goto('/account');
    const again = section(page).getByRole('button', { name: 'Turn on by mail: Sign-up attempts with your address' });
    await again.click();
    await expect(section(page).getByRole('button', { name: 'Turn off by mail: Sign-up attempts with your address' })).toBeVisible();
    const before = (await mails(page.request, cleo.email)).length;
    await submit(page.request, 'accounts/sign_up', { email: cleo.email });
    await expect.poll(async () => (await mails(page.request, cleo.email)).length).toBe(before + 1);
  });
}
