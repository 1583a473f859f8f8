import { expect, test } from './fixtures';
import { expectLive, openTimeline } from './table';
import { chooseFiles, expectArrived, expectStoredFiles, holdUploads, panel, uniqueSmallPhotos } from './travel';

/** As many as a test has time for; `make drill` and `make bench` send three hundred. */
const COUNT = Number(process.env.SHOEBOX_CROWD ?? 40);

test(`${COUNT} small files all arrive, each once`, async ({ newWindow, cleo }) => {
  test.setTimeout(900_000);
  const page = await newWindow(cleo);
  await openTimeline(page);
  const files = await uniqueSmallPhotos(page, COUNT);
  const uploads = await holdUploads(page, 10);
  await chooseFiles(page, ...files);
  await uploads.held;
  // The page answers while it reads.
  await panel(page).getByRole('button', { name: 'Pause all' }).click({ timeout: 10_000 });
  await expect(panel(page)).toHaveText(new RegExp(`Paused: \\d+ of ${COUNT} photos uploaded`));
  await uploads.release();
  const there = Number(/Paused: (\d+)/.exec(await panel(page).innerText())![1]);
  await expectStoredFiles(page, files.length - there);
  await page.reload();
  await expectLive(page);
  await panel(page).getByRole('button', { name: 'Resume all' }).click();
  await expectArrived(page.request, files, 800_000);
  await expectStoredFiles(page, 0);
});
