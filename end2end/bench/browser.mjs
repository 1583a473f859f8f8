import { chromium } from '@playwright/test';
import { readFileSync, readdirSync } from 'node:fs';

const FLAGS = '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const EVERY_MS = 250;

/**
 * Begins a Chromium with a profile on the disk, as people have one: what a window without one keeps, it keeps in memory. Answers
 * with its context; `folder` is where the profile lies. Its bench may add scripts, which the site itself forbids.
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

/** Somebody's window on the light table. */
export async function openTimeline(context, { email, password }) {
  const page = await context.newPage();
  await page.goto('/sign-in');
  // Who is signed in was sent on.
  if (new URL(page.url()).pathname === '/sign-in') {
    await page.locator('input[name="email"]').fill(email);
    await page.locator('input[name="password"]').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  await page.locator('[data-live="on"]').waitFor();
  return page;
}

/** Files at hand in the page, as an input gives them: `window.files`. */
export async function bring(page, paths) {
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

/** The most memory that the browsers of this process took with all theirs, shared pages counted once (`Pss`, proc(5)). */
export class Memory {
  #timer;
  #peak = 0;

  constructor() {
    const look = () => (this.#peak = Math.max(this.#peak, family(process.pid).slice(1).reduce((sum, one) => sum + proportional(one), 0)));
    this.#timer = setInterval(look, EVERY_MS);
    look();
  }

  /** Bytes; no longer measured then. */
  peak() {
    clearInterval(this.#timer);
    return this.#peak;
  }
}

/** A process and all that it began. */
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readOrNothing(`/proc/${name}/stat`);
    // The name before may hold anything but ends with the last bracket.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) found.push(...(parents.get(one) ?? []));
  return found;
}

function proportional(pid) {
  const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/** A process may end while one looks. */
function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
