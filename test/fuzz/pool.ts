import type { Chance } from '../simulation/chance';

/** Values of each name that are kept; a new one takes the place of another. */
const KEPT_MAX = 24;

/**
 * What the group has answered, by the names of the fields: ids of sessions and requests, fences, inode numbers, tags. Used
 * again they lead behind the first check, where most errors are.
 */
export class Pool {
  private readonly values = new Map<string, string[]>();

  pick(name: string, chance: Chance): string | undefined {
    const known = this.values.get(name);
    return known === undefined ? undefined : chance.pick(known);
  }

  learn(name: string, value: string, chance: Chance): void {
    const known = this.values.get(name) ?? [];
    if (known.includes(value)) return;
    if (known.length < KEPT_MAX) known.push(value);
    else known[chance.below(KEPT_MAX)] = value;
    this.values.set(name, known);
  }

  /** Every text of an answer that has one of the names. */
  harvest(body: unknown, chance: Chance, depth = 0): void {
    if (typeof body !== 'object' || body === null || depth > 6) return;
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string' && NAMES.has(name) && value.length < 200)
        this.learn(name, value, chance);
      else this.harvest(value, chance, depth + 1);
    }
  }
}

const NAMES: ReadonlySet<string> = new Set([
  'session',
  'request',
  'fence',
  'sequencer',
  'ino',
  'handle',
  'next',
  'op',
  'currentFence',
]);
