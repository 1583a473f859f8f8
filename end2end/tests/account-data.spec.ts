import { expect, test } from './fixtures';
import { signInWithForm } from './forms';
import { linkIn, mail } from './mail';
import { openTimeline, uploadReady } from './timeline';

test('an account is exported and deleted @accounts', async ({ newWindow, cleo, errors }) => {
  errors.allow(422, '/api/accounts/leave');
  errors.allow(422, '/api/accounts/sign_in');
  errors.allow(401, '/api/');
  const other = await newWindow(cleo);
  await openTimeline(other);
  await uploadReady(other, 'cat.png');
  const page = await newWindow(cleo);
  await page.goto('/account');
  const copy = page.getByRole('region', { name: 'Export your data' });
  await copy.getByRole('button', { name: 'Start export' }).click();
  await expect(page.getByText('Your export is being prepared.').first()).toBeVisible();
  const notification = await mail(page.request, cleo.email, /export is ready/);
  await page.goto(linkIn(notification));
  await expect(copy.getByText(/Your export is available until/)).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    copy.getByRole('link', { name: /Part 1: one photo, / }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^shoebox-\d{4}-\d\d-\d\d-1\.zip$/);
  expect(await download.failure()).toBeNull();

  const leave = page.getByRole('region', { name: 'Delete this account' });
  await leave.getByLabel('Your password').fill('not her password');
  await leave.getByLabel('I’m sure').check();
  await leave.getByRole('button', { name: 'Delete this account' }).click();
  await expect(leave.getByRole('alert')).toHaveText('That isn’t your password.');
  await leave.getByLabel('Your password').fill(cleo.password);
  await leave.getByRole('button', { name: 'Delete this account' }).click();
  await expect(page).toHaveURL(/\/sign-in\?done=leaving/);
  await expect(page.getByText('your account is being deleted')).toBeVisible();
  // Without a reload, because its WebSocket is closed.
  await expect(other).toHaveURL(/\/sign-in/);
  await mail(page.request, cleo.email, /account is deleted/);
  await signInWithForm(page, cleo);
  await expect(page.getByRole('alert')).toHaveText(/Wrong email or password/);
});

test('without JavaScript deleting an account must be confirmed @accounts', async ({ newWindow, cleo, errors }) => {
  const page = await newWindow(cleo, { javaScriptEnabled: false });
  errors.allowText(/^csp$/);
  errors.forbidInUrls(cleo.password);
  await page.goto('/account');
  const leave = page.getByRole('region', { name: 'Delete this account' });
  const sure = leave.getByLabel('I’m sure');
  // Bypasses the browser's own validation.
  await sure.evaluate((box: HTMLInputElement) => box.removeAttribute('required'));
  await leave.getByLabel('Your password').fill(cleo.password);
  await leave.getByRole('button', { name: 'Delete this account' }).click();
  await expect(page.getByText(/Confirm first/)).toBeVisible();
  await leave.getByLabel('Your password').fill(cleo.password);
  await sure.check();
  await leave.getByRole('button', { name: 'Delete this account' }).click();
  await expect(page).toHaveURL(/\/sign-in\?done=leaving/);
});
