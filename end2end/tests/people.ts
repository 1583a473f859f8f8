import { stage } from './stage';

/** A person with an account, or about to sign up. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

/** The owner of the site, or the existing account that the stage gives. */
export const ada: Person = stage.account
  ? { name: 'Ada', ...stage.account }
  : { name: 'Ada', email: 'ada@shoebox.test', password: 'light through old paper' };

let count = 0;

/** A person without an account, with an address of their own. */
export function newcomer(name: string): Person {
  count += 1;
  const unique = `${process.pid}-${Date.now().toString(36)}-${count}`;
  return { name, email: `${name.toLowerCase()}-${unique}@shoebox.test`, password: `${name} keeps a box of photos` };
}
