import './localhost';

/** The stage under test, from the environment that `make test` and `make proof` set. */
export interface Stage {
  /** Origin of the site. */
  address: string;
  /** URL where the local cloud lists captured mail. */
  mail?: string;
  /** The code for the owner's sign-up, which the deploy prints. */
  ownerCode?: string;
  /** An existing account, for stages whose mail cannot be read. */
  account?: { email: string; password: string };
}

export const stage: Stage = read(process.env);

function read(env: NodeJS.ProcessEnv): Stage {
  const address = env.SHOEBOX_ADDRESS;
  if (!address) throw new Error('SHOEBOX_ADDRESS is missing; run `make test ONLY=browser` or `make proof STAGE=name`.');
  const { SHOEBOX_EMAIL: email, SHOEBOX_PASSWORD: password, SHOEBOX_MAIL: mail, SHOEBOX_OWNER_CODE: ownerCode } = env;
  if (email && password) return { address, account: { email, password } };
  if (!mail) {
    throw new Error('The mail of this stage cannot be read: set SHOEBOX_EMAIL and SHOEBOX_PASSWORD to an existing account.');
  }
  return { address, mail, ownerCode };
}
