import { expect, test } from './fixtures';
import { expectLive, openTable } from './table';
import { chooseFiles, expectArrived, expectKept, hold, panel, snapshots } from './travel';

/** As many as a test has time for; `make drill` and `make bench` send three hundred. */
const COUNT = Number(process.env.SHOEBOX_CROWD ?? 40);

test(`${COUNT} small files all arrive, each once`, async ({ newWindow, cleo }) => {
  test.setTimeout(900_000);
  const page = await newWindow(cleo);
  await openTable(page);
  const files = await snapshots(page, COUNT);
  const travel = await hold(page, 10);
  await chooseFiles(page, ...files);
  await travel.held;
  // The page answers while it reads.
  await panel(page).getByRole('button', { name: 'Pause all' }).click({ timeout: 10_000 });
  await expect(panel(page)).toHaveText(new RegExp(`Paused: \\d+ of ${COUNT} photos uploaded`));
  await travel.letGo();
  const there = Number(/Paused: (\d+)/.exec(await panel(page).innerText())![1]);
  await expectKept(page, files.length - there);
  await page.reload();
  await expectLive(page);
  await panel(page).getByRole('button', { name: 'Resume all' }).click();
  await expectArrived(page.request, files, 800_000);
  await expectKept(page, 0);
});
