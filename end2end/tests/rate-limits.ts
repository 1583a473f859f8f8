/** Waits for the next rate limit window if the current one is about to end: attempts are counted per window. */
export async function awaitRateLimitWindow(minutes: number): Promise<void> {
  const window = minutes * 60_000;
  const left = window - (Date.now() % window);
  if (left < NEEDED_MS) await new Promise((resolve) => setTimeout(resolve, left));
}

/** Longer than any test needs between its first and last attempt. */
const NEEDED_MS = 40_000;
