import { type APIRequestContext, type APIResponse, expect } from '@playwright/test';
import type { Person } from './cast';
import { codeIn, mail } from './mail';
import { stage } from './stage';

/** A photo as server functions give it, as far as tests look at it. */
export interface Photo {
  /** What its owner says about it. */
  caption?: string | null;
  id: string;
  name: string;
  state: { is: string; reason?: { because: string } };
  size: { width: number; height: number } | null;
  receipt?: { sha256: string };
  media: { folder: string; widths: number[]; formats: string[]; proof?: string } | null;
}

/** Calls a server function with JSON, as a page of the site does. */
export function ask(request: APIRequestContext, name: string, data: object = {}): Promise<APIResponse> {
  return request.post(`/api/${name}`, { data, headers: { Origin: stage.address, Accept: 'application/json' } });
}

/** Sends a form to a server function, as a page of the site does. */
export function submit(request: APIRequestContext, name: string, form: Record<string, string>): Promise<APIResponse> {
  return request.post(`/api/${name}`, { form, headers: { Origin: stage.address, Accept: 'application/json' } });
}

/** Signs in; the request's context then has the cookies. */
export async function signIn(request: APIRequestContext, person: Person): Promise<void> {
  const answer = await submit(request, 'accounts/sign_in', { email: person.email, password: person.password });
  expect(answer.ok(), `${person.name} signs in: ${answer.status()}`).toBe(true);
}

/** Makes an account, with the code from the mail. */
export async function signUp(request: APIRequestContext, person: Person): Promise<void> {
  const asked = await submit(request, 'accounts/sign_up', { email: person.email });
  expect(asked.ok(), `${person.name} signs up: ${await asked.text()}`).toBe(true);
  const code = await mailedCode(request, person);
  const proved = await submit(request, 'accounts/confirm', { email: person.email, code, password: person.password });
  expect(proved.ok(), `${person.name} confirms: ${await proved.text()}`).toBe(true);
}

/** The code for a new account that was mailed to somebody, or one whose mail has another subject. */
export async function mailedCode(request: APIRequestContext, person: Person, subject = /is your Shoebox code/): Promise<string> {
  return codeIn(await mail(request, person.email, subject));
}

/** A photo as its owner sees it. */
export async function photo(request: APIRequestContext, id: string): Promise<Photo> {
  return (await ask(request, 'photos/photo', { id })).json();
}

/** The formats that a photo's renditions are there in, by name. */
export async function formats(request: APIRequestContext, id: string): Promise<string[]> {
  return (await photo(request, id)).media?.formats.toSorted() ?? [];
}

/** Path and query of a photo's rendition of a nominal width. */
export async function renditionLink(request: APIRequestContext, id: string, width = 320): Promise<string> {
  const { media } = await photo(request, id);
  if (!media?.proof) throw new Error(`Photo ${id} has no renditions to look at`);
  return `/media/${media.folder}/${width}?${media.proof}`;
}
