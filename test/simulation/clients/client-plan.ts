/** How the clients of one simulation behave. */
export interface ClientPlan {
  readonly clients: number;
  /** Requests one client has under way at a time. */
  readonly outstandingMax: number;
  /** Between two operations of a client, on average. */
  readonly thinkMeanMs: number;
  /** A door answers within this time of its own clock. */
  readonly doorTimeoutMs: number;
  /** A client that has heard nothing for so long tries another door. */
  readonly patienceMs: number;
  readonly delayMeanMs: number;
  /** Of what is asked, and of what is answered. */
  readonly loss: number;
  /** The same request once more, at any door, any time soon. */
  readonly duplication: number;
  readonly ttlMs: number;
  /** A client dies so often, holding what it holds, and another one comes. 0: never. */
  readonly dieEveryMs: number;
  readonly counters: number;
  readonly locks: number;
  /** How often each is chosen, in parts of their sum. */
  readonly weights: Readonly<Record<OperationKind, number>>;
}

export const OPERATION_KINDS = [
  'add',
  'keyed-add',
  'acquire',
  'release',
  'cancel',
  'read',
  'stale-read',
  'lease-read',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];
