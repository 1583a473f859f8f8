import { type Locator, type Page } from '@playwright/test';
import { ada, newcomer } from './people';
import { expect, test } from './fixtures';
import { expectLive } from './timeline';

function section(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

const scrollTop = (page: Page): Promise<number> => page.evaluate(() => Math.round(scrollY));

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';

  test(`${how} JavaScript only the submitted section of the account page shows the result @accounts`, async ({
    newWindow,
    cleo,
    errors,
  }) => {
    errors.allow(422, '/api/accounts/');
    errors.allowText(/^csp$/);
    const page = await newWindow(cleo, { javaScriptEnabled });
    const newPassword = 'Cleo stays where she is';
    errors.forbidInUrls(newPassword);
    await page.goto('/account');
    if (javaScriptEnabled) await expectLive(page);

    const form = section(page, 'Change password');
    const change = async (password: string): Promise<number> => {
      await form.getByLabel('Your password').fill(password);
      await form.getByLabel('New password').fill(newPassword);
      await form.getByRole('button', { name: 'Change password' }).focus();
      const before = await scrollTop(page);
      await page.keyboard.press('Enter');
      return before;
    };
    await change('not her password');
    await expect(form.getByRole('alert')).toHaveText('That isn’t your password.');
    await expect(form.getByRole('alert')).toBeInViewport();
    await expect(form.getByLabel('Your password')).toBeFocused();
    const before = await change(cleo.password);
    const done = form.getByRole('status');
    await expect(done).toHaveText(/^Your password was changed/);
    await expect(done).toBeInViewport();
    await expect(page.getByRole('alert')).toHaveCount(0);
    expect(before, 'the form is far below the top').toBeGreaterThan(100);
    if (javaScriptEnabled) {
      await expect(done).toBeFocused();
      expect(Math.abs((await scrollTop(page)) - before), 'the scroll position is kept').toBeLessThan(60);
    }

    const move = section(page, 'Change email');
    await move.getByLabel('New email').fill(newcomer('Cleo').email);
    await move.getByLabel('Your password').fill('not her password');
    await move.getByRole('button', { name: 'Send code' }).click();
    await expect(move.getByRole('alert')).toHaveText('That isn’t your password.');
    await expect(move.getByRole('alert')).toBeInViewport();
    await expect(page.getByText('Your password was changed.'), 'the previous result is gone').toHaveCount(0);

    const notices = section(page, 'Notifications');
    await notices.getByRole('button', { name: 'Turn off emails: Sign-up attempts with your email' }).click();
    const other = notices.getByRole('button', { name: 'Turn on emails: Sign-up attempts with your email' });
    await expect(other).toBeVisible();
    await expect(notices.getByRole('status')).toHaveText('Saved.');
    await expect(page.getByRole('alert'), 'the previous error is gone').toHaveCount(0);
    if (javaScriptEnabled) await expect(other, 'the button keeps the focus').toBeFocused();
  });
}

test('sections of the people page show the results of their forms @accounts', async ({ newWindow, errors }) => {
  errors.allow(422, '/api/accounts/invite');
  const page = await newWindow(ada);
  await page.goto('/people');
  await expectLive(page);
  const invitations = section(page, 'Invitations');
  const invite = async (email: string): Promise<void> => {
    await invitations.getByLabel('Email address to invite').fill(email);
    await invitations.getByRole('button', { name: 'Invite', exact: true }).click();
  };
  const guest = newcomer('Guest').email;
  await invite(guest);
  await expect(invitations.getByRole('status')).toHaveText('The invitation was sent.');
  await expect(invitations.getByRole('status')).toBeFocused();
  await invite(ada.email);
  await expect(invitations.getByRole('alert')).toHaveText(/already has an account here/);
  await expect(invitations.getByRole('status')).toBeHidden();
  await invitations.getByRole('button', { name: `Revoke: ${guest}` }).click();
  await expect(invitations.getByRole('status')).toHaveText('The invitation was revoked.');
  await expect(invitations.getByText(guest)).toBeHidden();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the result of a form keeps the focus when its section is loaded again later @accounts', async ({ newWindow }) => {
  const page = await newWindow(ada);
  await page.goto('/people');
  await expectLive(page);
  const invitations = section(page, 'Invitations');
  const result = invitations.getByRole('status');
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/accounts/people*', async (route) => {
    await released;
    await route.continue();
  });
  const guest = newcomer('Guest').email;
  await invitations.getByLabel('Email address to invite').fill(guest);
  await invitations.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(result).toBeFocused();
  release();
  await expect(invitations.getByText(guest)).toBeVisible();
  await expect(result).toBeFocused();
});
