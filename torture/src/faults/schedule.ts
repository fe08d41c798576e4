import type { Chance } from '../chance';
import { nowMs, pause } from '../clock';
import type { Findings } from '../findings';
import type { Prober } from '../prober';
import type { Report } from '../report';
import type { FaultKind } from './catalogue';
import type { Trouble, World } from './world';

const QUIET_MS = [200, 2_500] as const;
const SECOND_SHARE = 0.35;
/** Longer, and it is not slowness. */
const WHOLE_MS = 180_000;
const WHOLE_AFTER_FINDING_MS = 20_000;

export interface SchedulePlan {
  readonly world: World;
  readonly kinds: readonly FaultKind[];
  readonly chance: Chance;
  readonly prober: Prober;
  readonly findings: Findings;
  readonly report: Report;
  /** Within which the group has to serve again. */
  readonly boundMs: number;
}

/**
 * One fault after the other, now and then two at once, each kind once before any comes again. After each the group has to
 * serve again, and to be whole before the next one that costs a disk.
 */
export class Schedule {
  readonly #plan: SchedulePlan;
  #bag: FaultKind[] = [];

  constructor(plan: SchedulePlan) {
    this.#plan = plan;
  }

  async until(deadlineMs: number): Promise<void> {
    const { chance, findings } = this.#plan;
    while (nowMs() < deadlineMs && findings.count === 0) {
      await this.#episode();
      await pause(Math.min(chance.whole(...QUIET_MS), Math.max(0, deadlineMs - nowMs())));
    }
  }

  async #episode(): Promise<void> {
    const { chance, kinds } = this.#plan;
    const light = kinds.filter(({ isLight }) => isLight);
    const first = this.#next();
    const others = light.filter((kind) => kind !== first);
    const runs = [this.#run(first)];
    if (others.length > 0 && chance.happens(SECOND_SHARE)) {
      const second = chance.of(others);
      const delayMs = chance.whole(0, 1_500);
      runs.push(pause(delayMs).then(() => this.#run(second)));
    }
    await Promise.all(runs);
    await this.#heal();
  }

  #next(): FaultKind {
    const { chance, kinds } = this.#plan;
    if (this.#bag.length === 0) this.#bag = chance.shuffled(kinds);
    const next = this.#bag.pop();
    if (next === undefined) throw new Error('there is no kind of fault');
    return next;
  }

  async #run(kind: FaultKind): Promise<void> {
    const { world, report, findings } = this.#plan;
    const startMs = nowMs();
    let trouble: Trouble | undefined;
    try {
      trouble = await kind.make(world);
      if (trouble === undefined) return;
      await pause(trouble.lastsMs);
      const [said, servedMs] = await Promise.all([trouble.lift(), this.#serves(kind, trouble)]);
      if (/[A-Z]{4}/.test(said ?? '')) findings.add('healing', `${trouble.what}: ${said}`);
      report.fault({ kind: kind.name, what: trouble.what, startMs, servedMs, said });
    } catch (fault) {
      const what = trouble?.what ?? '';
      findings.add('faults end', `${kind.name} ${what}: ${(fault as Error).message}`);
    }
  }

  /** From the end of the trouble; undefined when it took too long. */
  async #serves(kind: FaultKind, { what }: Trouble): Promise<number | undefined> {
    const { prober, boundMs, findings } = this.#plan;
    const servedMs = await prober.serves(boundMs);
    if (servedMs === undefined)
      findings.add(
        'serves again',
        `${boundMs / 1000} s after ${kind.name} (${what}) was over nothing was answered`,
      );
    return servedMs;
  }

  async #heal(): Promise<void> {
    const { world, findings, report } = this.#plan;
    const startMs = nowMs();
    // What is broken already need not be waited for.
    const withinMs = findings.count === 0 ? WHOLE_MS : WHOLE_AFTER_FINDING_MS;
    if (await world.group.whole(withinMs)) report.healed(nowMs() - startMs);
    else {
      const states = (await world.group.statuses()).map(
        ([{ name }, status]) => `${name}: ${JSON.stringify(status ?? 'no answer')}`,
      );
      findings.add('healing', `not whole ${withinMs / 1000} s after all faults`, states);
    }
  }
}
