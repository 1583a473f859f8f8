import { type BrowserContext, expect } from '@playwright/test';

interface PageError {
  status?: number;
  url: string;
  text: string;
}

/**
 * Collects the errors of a test's pages: console errors, exceptions, failed requests, and secrets in URLs. A test allows
 * the errors that it expects.
 */
export class PageErrors {
  private readonly seen: PageError[] = [];
  private readonly allowed: ((error: PageError) => boolean)[] = [];
  private readonly secrets = new Set<string>();
  private stopped = false;

  /** Watches all pages of a context. */
  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      const status = /status of (\d{3})/.exec(message.text())?.[1];
      this.record({ status: status ? Number(status) : undefined, url: message.location().url, text: message.text() });
    });
    context.on('weberror', (weberror) => {
      const error = weberror.error();
      // A promise that the browser itself rejects has no stack.
      this.record({ url: weberror.page()?.url() ?? '', text: error.stack || `${error.name}: ${error.message}` });
    });
    context.on('requestfailed', (request) => {
      const text = request.failure()?.errorText || `${request.method()} failed`;
      // Navigation aborts what the previous page still loads.
      if (text !== 'net::ERR_ABORTED') this.record({ url: request.url(), text });
    });
    context.on('response', (response) => {
      const status = response.status();
      if (status >= 400) this.record({ status, url: response.url(), text: response.request().method() });
    });
    context.on('request', (request) => this.lookForSecrets(request.url()));
  }

  /** Reports every URL that contains this text as an error. */
  forbidInUrls(text: string): void {
    this.secrets.add(text);
  }

  /** Allows responses of this status from URLs that contain `address`. */
  allow(status: number, address: string): void {
    this.allowed.push((error) => error.status === status && error.url.includes(address));
  }

  /** Allows errors whose text matches. */
  allowText(text: RegExp): void {
    this.allowed.push((error) => text.test(error.text));
  }

  /** Fails the test if an error was not allowed. */
  expectNone(): void {
    const left = this.seen.filter((error) => !this.allowed.some((allows) => allows(error)));
    expect(left.map(({ status, url, text }) => [status, text, url].filter(Boolean).join(' '))).toEqual([]);
  }

  /** Ignores errors from now on: closing pages aborts what they load. */
  stop(): void {
    this.stopped = true;
  }

  private record(error: PageError): void {
    if (!this.stopped) this.seen.push(error);
  }

  private lookForSecrets(url: string): void {
    const address = decodeURIComponent(url.replaceAll('+', ' '));
    for (const secret of this.secrets) {
      if (address.includes(secret)) this.record({ url, text: 'a secret in the URL' });
    }
  }
}
