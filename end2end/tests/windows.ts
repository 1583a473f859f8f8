/** Waits, where a window of the limits is about to end, until the next has begun: tries are counted by window. */
export async function inOneWindow(minutes: number): Promise<void> {
  const window = minutes * 60_000;
  const left = window - (Date.now() % window);
  if (left < NEEDED) await new Promise((resolve) => setTimeout(resolve, left));
}

/** More than any of the tests takes, in milliseconds. */
const NEEDED = 40_000;
