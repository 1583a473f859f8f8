import { defineConfig } from '@playwright/test';
import { stage } from './tests/stage';

// Sign-up reads its code from the local mail. Where nobody can read the mail, an account that exists is used.
const fresh = [
  { name: 'first', testMatch: 'first.spec.ts' },
  { name: 'journey', testIgnore: ['first.spec.ts', 'crowd.spec.ts'], dependencies: ['first'] },
  // By itself: the photos of others would wait behind its crowd.
  { name: 'crowd', testMatch: 'crowd.spec.ts', dependencies: ['journey'] },
];
const existing = [{ name: 'journey', testIgnore: 'first.spec.ts', grepInvert: /@accounts|@home/ }];

if (stage.account && process.env.TEST_WORKER_INDEX === undefined) {
  console.log(`As ${stage.account.email}. Left out: signing up, and what needs a second account.`);
}

// Where the suite's last table reads the tests' times.
const report = process.env.SHOEBOX_REPORT;

const flags = '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  projects: stage.account ? existing : fresh,
  // The functions under test need a processor, too.
  workers: 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  // Long enough for a machine that is slow and busy; nothing is expected to take it.
  timeout: 600_000,
  expect: { timeout: 90_000 },
  reporter: [['list'], ['./tests/recap.ts'], ...(report ? [['junit', { outputFile: report }] as const] : [])],
  use: {
    baseURL: stage.address,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Chromium's sandbox refuses to start as root.
      args: [...flags.split(' '), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    },
  },
});
