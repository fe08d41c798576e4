import { LOCAL, type Principal } from './principal';

/** Who it is that asks. */
export interface Authenticator {
  /**
   * @param authorization the header of that name, or what the client channel gives in its place; undefined without one
   * @returns who that is; rejects with the problem `unauthenticated` when it proves nobody
   */
  authenticate(authorization: string | undefined): Promise<Principal>;
}

/** Where there is no authentication, everybody is the same. */
export const NO_AUTHENTICATION: Authenticator = {
  authenticate: () => Promise.resolve(LOCAL),
};
