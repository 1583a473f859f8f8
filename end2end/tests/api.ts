import { type APIRequestContext, type APIResponse, expect } from '@playwright/test';
import type { Person } from './people';
import { codeIn, mail } from './mail';
import { stage } from './stage';

/** The fields of a photo, as server functions return it, that tests use. */
export interface Photo {
  caption?: string | null;
  id: string;
  name: string;
  state: { is: string; reason?: { because: string } };
  size: { width: number; height: number } | null;
  receipt?: { sha256: string };
  media: { folder: string; widths: number[]; formats: string[]; proof?: string } | null;
}

/** Calls a server function with a JSON body and the site's origin. */
export function call(request: APIRequestContext, name: string, data: object = {}): Promise<APIResponse> {
  return request.post(`/api/${name}`, { data, headers: { Origin: stage.address, Accept: 'application/json' } });
}

/** Submits a form to a server function with the site's origin. */
export function submit(request: APIRequestContext, name: string, form: Record<string, string>): Promise<APIResponse> {
  return request.post(`/api/${name}`, { form, headers: { Origin: stage.address, Accept: 'application/json' } });
}

/** Signs in; the request context keeps the session cookies. */
export async function signIn(request: APIRequestContext, person: Person): Promise<void> {
  const response = await submit(request, 'accounts/sign_in', { email: person.email, password: person.password });
  expect(response.ok(), `${person.name} signs in: ${response.status()}`).toBe(true);
}

/** Creates an account with the code from the mail. */
export async function signUp(request: APIRequestContext, person: Person): Promise<void> {
  const requested = await submit(request, 'accounts/sign_up', { email: person.email });
  expect(requested.ok(), `${person.name} signs up: ${await requested.text()}`).toBe(true);
  const code = await mailedCode(request, person);
  const confirmed = await submit(request, 'accounts/confirm', { email: person.email, code, password: person.password });
  expect(confirmed.ok(), `${person.name} confirms: ${await confirmed.text()}`).toBe(true);
}

/** The code in a person's newest mail with this subject; the sign-up code by default. */
export async function mailedCode(request: APIRequestContext, person: Person, subject = /is your Shoebox code/): Promise<string> {
  return codeIn(await mail(request, person.email, subject));
}

/** A photo of the signed-in account. */
export async function photo(request: APIRequestContext, id: string): Promise<Photo> {
  return (await call(request, 'photos/photo', { id })).json();
}

/** The formats of a photo's renditions, sorted by name. */
export async function formats(request: APIRequestContext, id: string): Promise<string[]> {
  return (await photo(request, id)).media?.formats.toSorted() ?? [];
}

/** Path and signed query of a photo's rendition of a nominal width. */
export async function renditionLink(request: APIRequestContext, id: string, width = 320): Promise<string> {
  const { media } = await photo(request, id);
  if (!media?.proof) throw new Error(`Photo ${id} has no renditions`);
  return `/media/${media.folder}/${width}?${media.proof}`;
}
