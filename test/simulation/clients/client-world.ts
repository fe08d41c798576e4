import type { Chance } from '../chance';
import type { ClientHistory } from '../checks/client-history';
import type { CounterModel } from '../checks/counter-model';
import type { SessionRules } from '../checks/session-rules';
import type { SimulatedHost } from '../simulated-host';
import type { VirtualTime } from '../virtual-time';
import type { ClientPlan } from './client-plan';
import type { Doors } from './doors';

/** What a client knows of the world, and where it reports what it was told. */
export interface ClientWorld {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly plan: ClientPlan;
  readonly doors: Doors;
  readonly history: ClientHistory;
  readonly counters: CounterModel;
  readonly sessions: SessionRules;
  /** The doors that clients can reach now. */
  reachable(): readonly SimulatedHost[];
  /** The highest op that is committed: what no answer may be beyond. */
  committed(): number;
}
