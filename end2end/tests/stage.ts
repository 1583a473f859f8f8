import './localhost';
/** The stage under test, as `make test` and `make proof` describe it in the environment. */
export interface Stage {
  /** Origin of the site. */
  address: string;
  /** Where the local cloud lists the mail it would have sent. */
  mail?: string;
  /** What the deploy printed for the first account. */
  ownerCode?: string;
  /** An account that exists, where mail can't be read. */
  account?: { email: string; password: string };
}

export const stage: Stage = read(process.env);

function read(env: NodeJS.ProcessEnv): Stage {
  const address = env.SHOEBOX_ADDRESS;
  if (!address) throw new Error('SHOEBOX_ADDRESS is missing; run `make test ONLY=browser` or `make proof STAGE=name`.');
  const { SHOEBOX_EMAIL: email, SHOEBOX_PASSWORD: password, SHOEBOX_MAIL: mail, SHOEBOX_OWNER_CODE: ownerCode } = env;
  if (email && password) return { address, account: { email, password } };
  if (!mail) {
    throw new Error('The mail of this stage cannot be read: set SHOEBOX_EMAIL and SHOEBOX_PASSWORD of an account that exists there.');
  }
  return { address, mail, ownerCode };
}
