import { LOCAL, type Principal } from './principal';

/** What somebody shows to be known, and where he comes from. */
export interface Credentials {
  /** The header of that name, or what the client channel gives in its place; undefined without one. */
  readonly authorization: string | undefined;
  /** The address at the other end of the connection. */
  readonly from: string;
  /** Of the request: what a replica of the group has signed. (replica-credential.ts) */
  readonly method?: string;
  readonly path?: string;
}

/** Who it is that asks. */
export interface Authenticator {
  /** Rejects with the problem `unauthenticated` when the credentials prove nobody. */
  authenticate(credentials: Credentials): Promise<Principal>;
}

/** Where there is no authentication, everybody is the same. */
export const NO_AUTHENTICATION: Authenticator = {
  authenticate: () => Promise.resolve(LOCAL),
};
