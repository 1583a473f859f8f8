import { type BrowserContext, expect } from '@playwright/test';

interface Trouble {
  status?: number;
  url: string;
  text: string;
}

/**
 * Everything that went wrong in the windows of a test: errors on the console, exceptions, requests that failed, secrets
 * that stood in an address. What a test brings about on purpose it allows first.
 */
export class Troubles {
  private readonly seen: Trouble[] = [];
  private readonly allowed: ((trouble: Trouble) => boolean)[] = [];
  private readonly secrets = new Set<string>();
  private over = false;

  /** Watches all windows of a context. */
  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      const status = /status of (\d{3})/.exec(message.text())?.[1];
      this.note({ status: status ? Number(status) : undefined, url: message.location().url, text: message.text() });
    });
    context.on('weberror', (weberror) => {
      const error = weberror.error();
      // A promise that the browser itself refuses has no stack.
      this.note({ url: weberror.page()?.url() ?? '', text: error.stack || `${error.name}: ${error.message}` });
    });
    context.on('requestfailed', (request) => {
      const text = request.failure()?.errorText || `${request.method()} failed`;
      // Going to another page breaks off what the last one still loads.
      if (text !== 'net::ERR_ABORTED') this.note({ url: request.url(), text });
    });
    context.on('response', (response) => {
      const status = response.status();
      if (status >= 400) this.note({ status, url: response.url(), text: `${response.request().method()} answered` });
    });
    context.on('request', (request) => this.lookForSecrets(request.url()));
  }

  /** A text that must never stand in an address. */
  keepSecret(text: string): void {
    this.secrets.add(text);
  }

  /** Answers of this status are meant, where the address has this text in it. */
  allow(status: number, address: string): void {
    this.allowed.push((trouble) => trouble.status === status && trouble.url.includes(address));
  }

  /** Messages like this are meant. */
  allowText(text: RegExp): void {
    this.allowed.push((trouble) => text.test(trouble.text));
  }

  /** Fails the test if something was wrong that was not meant. */
  expectNone(): void {
    const left = this.seen.filter((trouble) => !this.allowed.some((allows) => allows(trouble)));
    expect(left.map(({ status, url, text }) => [status, text, url].filter(Boolean).join(' '))).toEqual([]);
  }

  /** The test is over: closing its windows breaks off what they load. */
  stop(): void {
    this.over = true;
  }

  private note(trouble: Trouble): void {
    if (!this.over) this.seen.push(trouble);
  }

  private lookForSecrets(url: string): void {
    const address = decodeURIComponent(url.replaceAll('+', ' '));
    for (const secret of this.secrets) {
      if (address.includes(secret)) this.note({ url, text: 'a secret stands in the address' });
    }
  }
}
