import { appendFile, writeFile } from 'node:fs/promises';
import { expect, test } from './fixtures';
import { holdCalls, openTimeline, tile } from './timeline';
import {
  answerWith,
  chooseFiles,
  expectArrived,
  expectStoredFiles,
  holdUploads,
  idOf,
  injectFault,
  library,
  panel,
  recordPuts,
  row,
  sha256,
  uniquePhoto,
} from './uploads';

/** Enough for three parts. */
const IN_PARTS = 20 << 20;

test('an upload resumes after ten seconds offline without resending parts', async ({ newWindow, cleo, errors }) => {
  test.slow();
  errors.allowText(/ERR_INTERNET_DISCONNECTED|WebSocket/);
  const page = await newWindow(cleo);
  await openTimeline(page);
  const sent = recordPuts(page);
  const file = await uniquePhoto('far-away.jpg', IN_PARTS);
  const uploads = await holdUploads(page, 1);
  await chooseFiles(page, file);
  await uploads.held;
  expect(sent.length, 'one part is uploaded').toBe(1);
  await page.context().setOffline(true);
  await uploads.release();
  await expect(row(page, file.name)).toHaveText(/continues automatically/);
  await page.waitForTimeout(10_000);
  await page.context().setOffline(false);
  await expectArrived(page.request, [file]);
  expect(new Set(sent).size, 'no part is sent twice').toBe(sent.length);
  await expect(panel(page)).toHaveText(/One photo uploaded/);
});

test('an upload resumes when a closed page is opened again', async ({ newWindow, cleo }) => {
  test.slow();
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('killed.jpg', IN_PARTS);
  const before = recordPuts(page);
  const uploads = await holdUploads(page, 1);
  await chooseFiles(page, file);
  await uploads.held;
  await expectStoredFiles(page, 1);
  await page.close();
  await uploads.release();

  const again = await page.context().newPage();
  const after = recordPuts(again);
  await openTimeline(again);
  await expectArrived(again.request, [file]);
  expect(before.length, 'one part was uploaded').toBe(1);
  expect(after, 'the uploaded part is not sent again').not.toContain(before[0]);
  await expectStoredFiles(again, 0);
});

test('an aborted upload resumes when the file is chosen in another browser', async ({ newWindow, cleo, errors }) => {
  errors.allow(403, '/originals/');
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('elsewhere.jpg', IN_PARTS);
  const before = recordPuts(page);
  await injectFault(page, 100, (route) => answerWith(route, 403), 1);
  await chooseFiles(page, file);
  const id = await idOf(page, file.name);
  await expect(tile(page, id)).toHaveText(/permission to upload has expired/);
  expect(before.length, 'one part is uploaded').toBe(1);
  await page.context().close();

  const other = await newWindow(cleo);
  await openTimeline(other);
  await expect(tile(other, id)).toHaveAttribute('data-state', 'expected');
  const after = recordPuts(other);
  await chooseFiles(other, file);
  const [stored] = await expectArrived(other.request, [file]);
  expect(stored!.id).toBe(id);
  expect(after, 'the uploaded part is not sent again').not.toContain(before[0]);
});

test('uploads are retried after a 503, a dropped connection, and an expired signature', async ({ newWindow, cleo, errors }) => {
  errors.allow(503, '/originals/');
  errors.allow(403, '/originals/');
  errors.allowText(/ERR_CONNECTION_RESET/);
  for (const atLeast of [0, IN_PARTS]) {
    const page = await newWindow(cleo);
    await openTimeline(page);
    const unavailable = await injectFault(page, 2, (route) => answerWith(route, 503));
    const one = await uniquePhoto('busy.jpg', atLeast);
    await chooseFiles(page, one);
    await expectArrived(page.request, [one]);
    expect(unavailable(), '503 twice').toBe(2);

    await page.unroute(/\/originals\//);
    const dropped = await injectFault(page, 2, (route) => route.abort('connectionreset'));
    const two = await uniquePhoto('dropped.jpg', atLeast);
    await chooseFiles(page, two);
    await expectArrived(page.request, [two]);
    expect(dropped(), 'connection reset twice').toBe(2);

    await page.unroute(/\/originals\//);
    const expired = await injectFault(page, 1, (route) => answerWith(route, 403));
    const signed = page.waitForRequest(/\/api\/photos\/sign$/);
    const three = await uniquePhoto('late.jpg', atLeast);
    await chooseFiles(page, three);
    await signed;
    await expectArrived(page.request, [three]);
    expect(expired(), 'one expired signature').toBe(1);
    await page.context().close();
  }
});

test('duplicate bytes are uploaded once and link to the existing photo', async ({ newWindow, cleo }) => {
  const page = await newWindow(cleo);
  await openTimeline(page);
  const sent = recordPuts(page);
  const one = await uniquePhoto('one.jpg');
  await chooseFiles(page, one, { ...one, name: 'the-same.jpg' });
  const [stored] = await expectArrived(page.request, [one]);
  await expect(panel(page)).toHaveText(/One photo uploaded, one was already in your library/);
  await chooseFiles(page, { ...one, name: 'once-more.jpg' });
  await expect(row(page, 'once-more.jpg')).toHaveText(/Already in your library/);
  expect(sent.length, 'one PUT').toBe(1);
  expect((await library(page.request)).filter((photo) => photo.sha256 === sha256(one.buffer))).toHaveLength(1);
  await row(page, 'once-more.jpg').getByRole('link').click();
  await expect(page).toHaveURL(`/photos/${stored!.id}`);
});

test('a file that changes during its upload reports it and can be chosen again', async ({ newWindow, cleo, errors }) => {
  test.slow();
  errors.allowText(/ERR_UPLOAD_FILE_CHANGED|ERR_FAILED/);
  const page = await newWindow(cleo);
  await openTimeline(page);
  const file = await uniquePhoto('changing.jpg', IN_PARTS);
  const location = test.info().outputPath(file.name);
  await writeFile(location, file.buffer);
  const uploads = await holdUploads(page);
  // The file is chosen again before the server receives `give_up`.
  const releaseGiveUp = await holdCalls(page, 'give_up');
  await page.getByLabel('Upload', { exact: true }).setInputFiles(location);
  await uploads.held;
  await appendFile(location, 'and more');
  await uploads.release();
  await expect(row(page, file.name)).toHaveText(/moved or changed since you chose it/);

  const choosing = page.waitForEvent('filechooser');
  await row(page, file.name).getByRole('button', { name: /Choose again/ }).click();
  const other = await uniquePhoto('chosen-again.jpg');
  await (await choosing).setFiles(other);
  await expectArrived(page.request, [other]);
  await expect(row(page, file.name)).toBeHidden();
  releaseGiveUp();
  const names = async (): Promise<string[]> => (await library(page.request)).map((photo) => photo.name);
  await expect.poll(names, 'the first photo is gone').not.toContain(file.name);
});

test('uploads work with a clock that is wrong by a day', async ({ newWindow, cleo }) => {
  for (const days of [-1, 1]) {
    const page = await newWindow(cleo);
    await page.clock.setFixedTime(Date.now() + days * 86_400_000);
    await openTimeline(page);
    const files = [await uniquePhoto(`clock-${days}.jpg`), await uniquePhoto(`clock-${days}-parts.jpg`, IN_PARTS)];
    await chooseFiles(page, ...files);
    await expectArrived(page.request, files);
    await page.context().close();
  }
});
