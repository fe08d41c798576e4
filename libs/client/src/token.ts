import type { Fetch } from './trust';

/**
 * Who asks: a bearer token, or what gives one. A function is asked anew for every connection and every HTTP request, so one
 * that expires can be followed by another. (RFC 6750)
 */
export type Token = string | (() => string | Promise<string>);

export const tokenNow = async (token: Token): Promise<string> =>
  typeof token === 'string' ? token : token();

/** `fetch`, by somebody. */
export function fetchAs(fetch: Fetch, token: Token | undefined): Fetch {
  if (token === undefined) return fetch;
  return async (url, options = {}) => {
    const authorization = `Bearer ${await tokenNow(token)}`;
    return fetch(url, { ...options, headers: { ...options.headers, authorization } });
  };
}
