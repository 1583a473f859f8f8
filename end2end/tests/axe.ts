import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';

/** Runs axe in the page, which needs JavaScript. */
export async function expectNoViolations(page: Page, where?: string): Promise<void> {
  await transitionsFinished(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
  expect(found, where).toEqual([]);
}

/** Colours in a transition may have too little contrast. Endless animations, like that of a spinner, are not waited for. */
async function transitionsFinished(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every((one) => one.effect?.getComputedTiming().endTime === Infinity || one.playState !== 'running'));
}
