import { stage } from './stage';

/** Somebody with an account, or about to have one. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

/** Ada owns the site. Where an account was given, she is whoever it belongs to. */
export const ada: Person = stage.account
  ? { name: 'Ada', ...stage.account }
  : { name: 'Ada', email: 'ada@shoebox.test', password: 'light through old paper' };

let newcomers = 0;

/** Somebody whom the site has never seen. */
export function newcomer(name: string): Person {
  newcomers += 1;
  const unique = `${process.pid}-${Date.now().toString(36)}-${newcomers}`;
  return { name, email: `${name.toLowerCase()}-${unique}@shoebox.test`, password: `${name} keeps a box of photos` };
}
