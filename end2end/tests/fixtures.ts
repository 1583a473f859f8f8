import { type BrowserContext, type BrowserContextOptions, type Page, test as base, expect } from '@playwright/test';
import { signIn, signUp, submit } from './api';
import { ada, newcomer, type Person } from './cast';
import { stage } from './stage';
import { Troubles } from './troubles';

export interface Fixtures {
  troubles: Troubles;
  /** Opens a window with cookies of its own: somebody's, or nobody's. */
  newWindow: (person?: Person, options?: BrowserContextOptions) => Promise<Page>;
  /** Somebody with an account that no other test uses. Where none can be made, it is the one that was given. */
  cleo: Person;
}

export { expect };

/** A test whose windows must all stay free of trouble. */
export const test = base.extend<Fixtures>({
  troubles: [
    async ({}, use) => {
      const troubles = new Troubles();
      await use(troubles);
      troubles.expectNone();
    },
    { auto: true },
  ],

  context: async ({ context, troubles }, use) => {
    troubles.watch(context);
    await use(context);
  },

  newWindow: async ({ browser, troubles }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person, options) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      troubles.watch(context);
      if (person) {
        troubles.keepSecret(person.password);
        await signIn(context.request, person);
        const session = (await context.cookies()).find((cookie) => cookie.name === '__Host-session');
        // The account and the secret.
        const [, secret] = session?.value.split('.') ?? [];
        expect(secret, 'the secret of a session').toBeTruthy();
        troubles.keepSecret(secret!);
      }
      return context.newPage();
    });
    // Windows that stay open keep their sockets, and take the processor from the tests that follow.
    troubles.stop();
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
