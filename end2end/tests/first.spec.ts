import { mailedCode, submit } from './api';
import { ada, newcomer } from './people';
import { expect, test } from './fixtures';
import { confirmAccount, createAccount, expectEmptyTimeline } from './forms';
import { stage } from './stage';
import { expectLive } from './timeline';

test.describe.configure({ mode: 'serial' });

test('the account that signs up with the owner code becomes the owner', async ({ page, errors }) => {
  const ownerCode = stage.ownerCode ?? '';
  errors.forbidInUrls(ada.password);
  errors.forbidInUrls(ownerCode);
  errors.allow(422, '/api/accounts/');

  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.getByRole('link', { name: 'Create account' }).click();
  const ownerCodeField = page.getByLabel('Owner code');
  await expect(ownerCodeField, 'no owner yet: these tests need a new stage').toBeVisible();
  await createAccount(page, ada, '');
  await expect(ownerCodeField).toBeFocused();
  const without = await submit(page.request, 'accounts/sign_up', { email: ada.email });
  expect(without.status()).toBe(422);
  expect(await without.text()).toContain('wrong_owner_code');
  await createAccount(page, ada, 'AAAA-AAAA-AAAA');
  await expect(page.getByRole('alert')).toHaveText(/isn’t the owner code/);

  await createAccount(page, ada, ownerCode);
  await confirmAccount(page, ada, '000000');
  await expect(page.getByRole('alert')).toHaveText(/isn’t the code we sent/);
  await confirmAccount(page, ada, await mailedCode(page.request, ada));
  await expectEmptyTimeline(page);
  await expectLive(page);
});

test('others can come in once the owner opens sign-up', async ({ newWindow, errors }) => {
  const stranger = await newWindow();
  const ben = newcomer('Ben');
  errors.forbidInUrls(ben.password);
  await stranger.goto('/sign-up');
  await expect(stranger.getByText('Sign-up is by invitation only')).toBeVisible();
  const closed = await submit(stranger.request, 'accounts/sign_up', { email: ben.email });
  expect(closed.status()).toBe(403);
  expect(await closed.text()).toContain('closed');

  const owner = await newWindow(ada);
  await owner.goto('/account');
  await expect(owner.getByText(ada.email)).toBeVisible();
  await owner.getByRole('link', { name: 'People' }).click();
  await owner.getByRole('button', { name: 'Allow anyone to sign up' }).click();
  await expect(owner.getByText('Anyone can create an account here.')).toBeVisible();

  await stranger.goto('/sign-up');
  await expect(stranger.getByRole('button', { name: 'Send code' })).toBeVisible();
  await expect(stranger.getByLabel('Owner code')).toBeHidden();
  await createAccount(stranger, ben);
  await expect(stranger).toHaveURL(/\/confirm/);
  await confirmAccount(stranger, ben, await mailedCode(stranger.request, ben));
  await expectEmptyTimeline(stranger);

  await stranger.goto('/account');
  await expect(stranger.getByText(ben.email)).toBeVisible();
  await expect(stranger.getByRole('link', { name: 'People' })).toBeHidden();
  const opened = await submit(stranger.request, 'accounts/set_open', { open: 'false' });
  expect(await opened.text()).toContain('owner_only');
});
