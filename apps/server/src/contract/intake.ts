import type { LimitSettings } from '../config/settings/limit-settings';
import { Admission } from '../replica-host/admission';
import { monotonicNow } from '../replica-host/host-clock';
import { Problem } from './problem';
import { RateLimits } from './rate-limits';

/** What stands before every operation and query: by principal as the settings say, and all together as the group can. */
export class Intake {
  private readonly admission: Admission;
  private readonly rates: RateLimits;

  constructor(admission: Admission, rates: RateLimits) {
    this.admission = admission;
    this.rates = rates;
  }

  /** Throws `Problem` for what is turned away; else `leave` must follow. */
  enter(principal: string): void {
    const waitMs = this.rates.take(principal);
    if (waitMs !== undefined)
      throw new Problem('rate-limited', undefined, { principal, retryAfterMs: waitMs });
    if (!this.admission.enter(principal)) throw this.busy();
  }

  leave(principal: string): void {
    this.admission.leave(principal);
  }

  /** What a request would be told now, whatever it is; undefined while there is room. */
  get refusal(): Problem | undefined {
    return this.admission.isFull ? this.busy() : undefined;
  }

  private busy(): Problem {
    return new Problem('busy', undefined, { retryAfterMs: this.admission.comeAgainMs });
  }
}

/** As the settings want it. */
export function intakeOf({ targetMs, operationsPerSecond, burst }: LimitSettings): Intake {
  const now = monotonicNow;
  const limit =
    operationsPerSecond === undefined
      ? undefined
      : { operationsPerSecond, burst: burst ?? operationsPerSecond };
  return new Intake(new Admission({ targetMs, now }), new RateLimits(limit, now));
}
