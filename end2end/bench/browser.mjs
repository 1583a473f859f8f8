import { chromium } from '@playwright/test';
import { readFileSync, readdirSync } from 'node:fs';

const FLAGS = '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const SAMPLE_MS = 250;

/**
 * Starts Chromium with a profile in `folder`, because incognito contexts keep all data in memory; returns its context.
 * Bypasses the site's Content-Security-Policy, so that benches can add scripts.
 */
export function openBrowser(address, folder, flags = [], options = {}) {
  return chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...FLAGS.split(' '), ...flags, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    baseURL: address,
    bypassCSP: true,
    ...options,
  });
}

/** Opens the timeline in a new page; signs in unless there is a session. */
export async function openTimeline(context, { email, password }) {
  const page = await context.newPage();
  await page.goto('/sign-in');
  // Signed-in users are redirected.
  if (new URL(page.url()).pathname === '/sign-in') {
    await page.locator('input[name="email"]').fill(email);
    await page.locator('input[name="password"]').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  await page.locator('[data-live="on"]').waitFor();
  return page;
}

/** Loads files into the page through a file input, as `window.files`. */
export async function loadFiles(page, paths) {
  await page.evaluate(() => {
    document.getElementById('bench')?.remove();
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'bench', multiple: true, hidden: true });
    input.onchange = (event) => event.stopPropagation();
    document.body.append(input);
  });
  await page.locator('#bench').setInputFiles(paths);
  await page.evaluate(() => {
    window.files = [...document.getElementById('bench').files];
  });
}

/** Peak memory of this process's browsers and their child processes, with shared pages counted once (`Pss`, proc(5)). */
export class Memory {
  #timer;
  #peak = 0;

  constructor() {
    const sample = () => (this.#peak = Math.max(this.#peak, processTree(process.pid).slice(1).reduce((sum, pid) => sum + pssBytes(pid), 0)));
    this.#timer = setInterval(sample, SAMPLE_MS);
    sample();
  }

  /** Stops measuring; returns the peak in bytes. */
  peak() {
    clearInterval(this.#timer);
    return this.#peak;
  }
}

/** A process and its descendants. */
function processTree(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readIfExists(`/proc/${name}/stat`);
    // The command name in parentheses may contain anything; the last parenthesis ends it.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) found.push(...(parents.get(one) ?? []));
  return found;
}

function pssBytes(pid) {
  const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readIfExists(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/** Processes may end while they are read. */
function readIfExists(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
