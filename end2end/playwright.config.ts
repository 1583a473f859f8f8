import { defineConfig } from '@playwright/test';
import { stage } from './tests/stage';

// Sign-up reads its code from the local cloud's mail. A stage whose mail cannot be read needs an existing account.
const fresh = [
  { name: 'first', testMatch: 'first.spec.ts' },
  { name: 'journey', testIgnore: ['first.spec.ts', 'many-uploads.spec.ts'], dependencies: ['first'] },
  // Runs last and alone: its many uploads would delay other tests' photos.
  { name: 'crowd', testMatch: 'many-uploads.spec.ts', dependencies: ['journey'] },
];
const existing = [{ name: 'journey', testIgnore: 'first.spec.ts', grepInvert: /@accounts|@home/ }];

if (stage.account && process.env.TEST_WORKER_INDEX === undefined) {
  console.log(`Running as ${stage.account.email}; tests that sign up or need a second account are skipped.`);
}

// JUnit file from which the suite's summary reads test durations.
const report = process.env.SHOEBOX_REPORT;

const flags = '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  projects: stage.account ? existing : fresh,
  // Leaves CPU time for the functions under test.
  workers: 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  // An upper bound for slow, busy machines; tests normally take far less.
  timeout: 600_000,
  expect: { timeout: 90_000 },
  reporter: [['list'], ['./tests/summary-reporter.ts'], ...(report ? [['junit', { outputFile: report }] as const] : [])],
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
