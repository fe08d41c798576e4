import { fetchTrusting, type Fetch } from '@lockstep/client';
import type { Credentials } from './credentials';

/** `fetch` to the REST doors of other replicas, with the certificates as they are now. */
export function fetchTrustingPeers(credentials: Credentials | undefined): Fetch {
  if (credentials === undefined) return fetch;
  return (url, options) => {
    const { ca, cert, key } = credentials.dial;
    return fetchTrusting({ ca, certificate: cert, key })(url, options);
  };
}
