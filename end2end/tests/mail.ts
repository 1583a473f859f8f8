import { type APIRequestContext, expect } from '@playwright/test';
import { stage } from './stage';

/** A mail that the local cloud captured. */
export interface Mail {
  To: string[] | string;
  Subject: string;
  BodyText: string;
  BodyHtml?: string;
  Timestamp: string | number;
}

/** All mails to an address, oldest first. */
export async function mails(request: APIRequestContext, email: string): Promise<Mail[]> {
  if (!stage.mail) throw new Error('SHOEBOX_MAIL is missing');
  const boxes: { messages: Record<string, Mail[]> } = await (await request.get(stage.mail)).json();
  const theirs = Object.values(boxes.messages).flat().filter((mail) => [mail.To].flat().includes(email));
  return theirs.sort((one, other) => (one.Timestamp < other.Timestamp ? -1 : 1));
}

/** Waits for a mail to an address with this subject; returns the newest. */
export async function mail(request: APIRequestContext, email: string, subject: RegExp): Promise<Mail> {
  const matching = async () => (await mails(request, email)).findLast((one) => subject.test(one.Subject));
  await expect.poll(matching, { message: `a mail to ${email}: ${subject}` }).toBeDefined();
  return (await matching())!;
}

/** The six-digit code in a mail. */
export function codeIn(mail: Mail): string {
  const code = /\b\d{6}\b/.exec(mail.BodyText);
  if (!code) throw new Error(`No code in ${mail.BodyText}`);
  return code[0];
}

/** The unsubscribe link of a mail. */
export function stopLinkIn(mail: Mail): string {
  const link = /https?:\/\/\S+\/stop\?\S+/.exec(mail.BodyText);
  if (!link) throw new Error(`No unsubscribe link in ${mail.BodyText}`);
  return link[0];
}

/** The first link of a mail; the unsubscribe link comes after it. */
export function linkIn(mail: Mail): string {
  const link = /https?:\/\/\S+/.exec(mail.BodyText);
  if (!link) throw new Error(`No link in ${mail.BodyText}`);
  return link[0];
}
