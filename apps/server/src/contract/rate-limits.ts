/** What one principal may ask of one replica. */
export interface RateLimit {
  readonly operationsPerSecond: number;
  /** So many at once, after a pause. */
  readonly burst: number;
}

/** Principals remembered: those that have asked for nothing for the longest are forgotten first, and have a full bucket. */
const PRINCIPALS_MAX = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A token bucket for each principal. (ITU-T I.371, the generic cell rate algorithm, says the same) */
export class RateLimits {
  private readonly limit: RateLimit | undefined;
  private readonly now: () => number;
  private readonly buckets = new Map<string, Bucket>();

  /** @param now monotonic milliseconds */
  constructor(limit: RateLimit | undefined, now: () => number) {
    this.limit = limit;
    this.now = now;
  }

  /** Takes one token; where there is none, how many milliseconds until there is. */
  take(principal: string): number | undefined {
    const { limit } = this;
    if (limit === undefined) return undefined;
    const bucket = this.bucketOf(principal, limit);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    return Math.ceil(((1 - bucket.tokens) * 1_000) / limit.operationsPerSecond);
  }

  private bucketOf(principal: string, { operationsPerSecond, burst }: RateLimit): Bucket {
    const nowMs = this.now();
    const known = this.buckets.get(principal);
    const bucket = known ?? { tokens: burst, atMs: nowMs };
    const come = ((nowMs - bucket.atMs) * operationsPerSecond) / 1_000;
    bucket.tokens = Math.min(burst, bucket.tokens + come);
    bucket.atMs = nowMs;
    // The order of a Map is that of insertion: who asks goes to its end.
    this.buckets.delete(principal);
    this.buckets.set(principal, bucket);
    this.forgetOldest();
    return bucket;
  }

  private forgetOldest(): void {
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > PRINCIPALS_MAX && oldest !== undefined) this.buckets.delete(oldest);
  }
}
