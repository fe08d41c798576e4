import type { Chance } from '../chance';
import type { SimulatedHost } from '../simulated-host';
import type { ClientWorld } from './client-world';
import type { Reply } from './doors';

/** Something asked again and again, at one door after the other, until there is an answer that settles it. */
export interface Call<T> {
  readonly send: (host: SimulatedHost, timeoutMs: number, reply: Reply<T>) => void;
  /** True when the answer settles the call; else it is tried again. */
  readonly settle: (answer: T, host: SimulatedHost) => boolean;
  /** What is asked can safely be said twice. */
  readonly repeatable: boolean;
}

const BACKOFF_MEAN_MS = 30;
const DUPLICATE_WITHIN_MS = 3000;

/** One client's way to the group: a door it keeps to while it answers, and calls under way. */
export class Caller {
  private readonly world: ClientWorld;
  private readonly chance: Chance;
  private readonly underWay = new Set<object>();
  private door: SimulatedHost | undefined;
  private dead = false;

  constructor(world: ClientWorld, chance: Chance) {
    this.world = world;
    this.chance = chance;
  }

  get pending(): number {
    return this.underWay.size;
  }

  /** Nothing that was asked matters any more. */
  die(): void {
    this.dead = true;
    this.underWay.clear();
  }

  forget(call: object): void {
    this.underWay.delete(call);
  }

  call<T>(call: Call<T>): void {
    this.underWay.add(call);
    this.attempt(call);
    if (!call.repeatable || !this.chance.happens(this.world.plan.duplication)) return;
    this.world.time.after(this.chance.between(0, DUPLICATE_WITHIN_MS), () => {
      if (!this.dead) this.deliver(call, this.anyDoor(), () => undefined);
    });
  }

  private attempt<T>(call: Call<T>): void {
    if (!this.underWay.has(call)) return;
    const { world, chance } = this;
    const door = this.currentDoor();
    let over = false;
    const again = (delayMs: number): void => {
      if (over) return;
      over = true;
      if (door === this.door) this.door = undefined;
      world.time.after(delayMs, () => this.attempt(call));
    };
    this.deliver(call, door, (answer) => {
      if (!this.underWay.has(call)) return;
      if (answer === 'connection-lost') return again(chance.exponential(BACKOFF_MEAN_MS));
      if (call.settle(answer, door)) this.underWay.delete(call);
      else again(chance.exponential(BACKOFF_MEAN_MS));
    });
    world.time.after(world.plan.patienceMs, () => again(0));
  }

  private deliver<T>(call: Call<T>, door: SimulatedHost, reply: Reply<T>): void {
    this.carry(() => {
      if (this.dead) return;
      if (!door.running) return this.carry(() => reply('connection-lost'));
      call.send(door, this.world.plan.doorTimeoutMs, (answer) => this.carry(() => reply(answer)));
    });
  }

  private carry(arrive: () => void): void {
    const { time, plan } = this.world;
    if (this.chance.happens(plan.loss)) return;
    time.after(this.chance.exponential(plan.delayMeanMs), arrive);
  }

  private currentDoor(): SimulatedHost {
    const reachable = this.world.reachable();
    if (this.door === undefined || !reachable.includes(this.door)) this.door = this.anyDoor();
    return this.door;
  }

  private anyDoor(): SimulatedHost {
    return this.chance.pick(this.world.reachable());
  }
}
