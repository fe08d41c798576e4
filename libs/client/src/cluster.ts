import { NoPrimaryError, ProblemError } from './errors';
import type { Endpoints } from './endpoints';
import type { Problem } from './protocol';
import type { Fetch } from './trust';

export interface ReplicaStatus {
  readonly id: string;
  readonly replicaNumber: number;
  /** `active`, `witness`, `joining`, `retiring` or `retired`. */
  readonly role: string;
  readonly url: string;
  /** As each says of itself; of one that does not answer, `connected` or `unreachable`. */
  readonly status: string;
  readonly [member: string]: unknown;
}

/** The group as one replica sees it. (`GET /v1/cluster`) */
export interface ClusterStatus {
  readonly groupId: string;
  readonly epoch: number;
  readonly view: number;
  /** Id of the primary of this view. */
  readonly primary: string;
  /** How many replicas may fail. */
  readonly f: number;
  readonly replicas: readonly ReplicaStatus[];
}

/** Asks over HTTP, one replica after the other, until one answers. */
export async function getFromAny(
  endpoints: Endpoints,
  path: string,
  timeoutMs: number,
  fetch: Fetch,
): Promise<unknown> {
  const deadline = AbortSignal.timeout(timeoutMs);
  let failure: unknown;
  for (const url of endpoints.inOrder()) {
    try {
      return await getFrom(fetch, `${url}${path}`, deadline);
    } catch (error) {
      failure = error;
    }
  }
  throw failure instanceof ProblemError
    ? failure
    : new NoPrimaryError(`no replica answered ${path} in time`);
}

async function getFrom(fetch: Fetch, url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal });
  const body: unknown = await response.json();
  if (!response.ok) throw new ProblemError(body as Problem);
  return body;
}

/** Where `/.well-known/lockstep`, or a replica that takes no clients, says that the others are. */
export function urlsOf(answer: unknown): string[] {
  const { replicas } = answer as { replicas?: unknown };
  if (!Array.isArray(replicas)) return [];
  return (replicas as readonly { url?: string; role?: string }[]).flatMap(({ url, role }) =>
    url === undefined || role === 'witness' ? [] : [url],
  );
}
