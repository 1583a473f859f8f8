import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const LINES = 12;

/** Prints a short summary of failed tests last, because truncated logs keep only their end. */
export default class Recap implements Reporter {
  private readonly failed: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === 'skipped') return;
    const text = result.errors.map((error) => error.message ?? error.value ?? '').join('\n');
    const plain = text.replace(/\u001b\[[0-9;]*m/g, '').trim().split('\n');
    this.failed.push([`${result.status}: ${test.title}`, ...plain.slice(0, LINES)].join('\n    '));
  }

  onEnd(): void {
    if (this.failed.length) console.log(`\nFailed tests:\n  ${this.failed.join('\n  ')}`);
  }
}
