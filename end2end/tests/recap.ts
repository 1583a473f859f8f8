import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const LINES = 12;

/** Says last, in a few lines each, what failed: the end of a long log is often all that is kept of it. */
export default class Recap implements Reporter {
  private readonly failed: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === 'skipped') return;
    const text = result.errors.map((error) => error.message ?? error.value ?? '').join('\n');
    const plain = text.replace(/\u001b\[[0-9;]*m/g, '').trim().split('\n');
    this.failed.push([`${result.status}: ${test.title}`, ...plain.slice(0, LINES)].join('\n    '));
  }

  onEnd(): void {
    if (this.failed.length) console.log(`\nWhat failed, in short:\n  ${this.failed.join('\n  ')}`);
  }
}
