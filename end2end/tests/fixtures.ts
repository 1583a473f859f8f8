import { type BrowserContext, type BrowserContextOptions, type Page, test as base, expect } from '@playwright/test';
import { signIn, signUp, submit } from './api';
import { ada, newcomer, type Person } from './people';
import { stage } from './stage';
import { PageErrors } from './page-errors';

export interface Fixtures {
  errors: PageErrors;
  /** Opens a page in a new browser context, signed in as `person` if given. */
  newWindow: (person?: Person, options?: BrowserContextOptions) => Promise<Page>;
  /** A person whose account no other test uses, or the existing account that the stage gives. */
  cleo: Person;
}

export { expect };

/** A test that fails if one of its pages reports an unexpected error. */
export const test = base.extend<Fixtures>({
  errors: [
    async ({}, use) => {
      const errors = new PageErrors();
      await use(errors);
      errors.expectNone();
    },
    { auto: true },
  ],

  context: async ({ context, errors }, use) => {
    errors.watch(context);
    await use(context);
  },

  newWindow: async ({ browser, errors }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person, options) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      errors.watch(context);
      if (person) {
        errors.forbidInUrls(person.password);
        await signIn(context.request, person);
        const session = (await context.cookies()).find((cookie) => cookie.name === '__Host-session');
        // `<account>.<secret>`
        const [, secret] = session?.value.split('.') ?? [];
        expect(secret, 'the secret of a session').toBeTruthy();
        errors.forbidInUrls(secret!);
      }
      return context.newPage();
    });
    // Open pages would keep their sockets and use CPU time during later tests.
    errors.stop();
    for (const context of contexts) await context.close();
  },

  cleo: async ({ playwright }, use) => {
    if (stage.account) return use(ada);
    const cleo = newcomer('Cleo');
    const request = await playwright.request.newContext({ baseURL: stage.address });
    await signUp(request, cleo);
    await submit(request, 'accounts/sign_out', {});
    await request.dispose();
    await use(cleo);
  },
});
