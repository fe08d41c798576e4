import { resolve } from 'node:path';
import { CoreUnderTest } from './core-under-test';
import { Exploration } from './exploration';
import type { Event, LocalState, Move } from './local-state';
import { LocalStates } from './local-states';
import { Moves } from './moves';
import { beginningOf } from './script';
import type { World } from './world';
import { worldNamed } from './worlds';

const ROOT = resolve(__dirname, '../..');

/**
 * The explorer without anything clever: one global state for each combination of local states and of all that was ever
 * said, nothing said before its time, nothing forgotten, nothing covered.
 */
class PlainExploration {
  readonly locals: LocalStates;
  readonly group: ReadonlySet<string>;
  private readonly world: World;
  private readonly moves: Moves;

  constructor(world: World) {
    this.world = world;
    this.locals = new LocalStates(world, new CoreUnderTest(ROOT, world));
    this.moves = new Moves(this.locals, world);
    this.group = this.run();
  }

  /** All combinations of local states, by their memories. */
  private run(): Set<string> {
    const { group, sent } = beginningOf(this.world, this.locals);
    const first = { group, sent, timeouts: 0, crashes: 0 };
    const waiting = [first];
    const seen = new Set([keyOf(first)]);
    const combinations = new Set<string>();
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      combinations.add(memoriesOf(state.group));
      for (const next of this.after(state)) {
        const key = keyOf(next);
        if (seen.has(key)) continue;
        seen.add(key);
        waiting.push(next);
      }
    }
    return combinations;
  }

  private after(plain: Plain): Plain[] {
    const { timeoutsMax, crashesMax, clockMax } = this.world;
    // Whoever's clock is behind: nothing else happens before it has gone on.
    const clocks = plain.group.map(({ clock }) => clock);
    const late = clocks.indexOf(Math.min(...clocks));
    const clocked = (): Plain =>
      this.moved(plain, late, this.locals.after(plain.group[late]!, { kind: 'clock' }), {});
    if (clocks[late] !== clocks[0]) return [clocked()];
    const happened = plain.group.flatMap((state, replica) => {
      const arrivals = plain.sent.flatMap((sets) => this.arriving(sets[replica] ?? 0));
      const arrived = arrivals.map((event) => this.locals.after(state, event));
      const waited = plain.timeouts < timeoutsMax ? this.moves.byTimeout(state) : [];
      const crashed = plain.crashes < crashesMax ? this.moves.byCrash(state) : [];
      return [
        ...arrived.map((move) => this.moved(plain, replica, move, {})),
        ...waited.map((move) => this.moved(plain, replica, move, { timeouts: plain.timeouts + 1 })),
        ...crashed.map((move) => this.moved(plain, replica, move, { crashes: plain.crashes + 1 })),
      ];
    });
    return clocks[0]! < clockMax ? [clocked(), ...happened] : happened;
  }

  private arriving(set: number): Event[] {
    const { sets } = this.locals.messages;
    return Array.from(sets.membersOf(set), (id) => ({ kind: 'message', id }) as const);
  }

  private moved(before: Plain, replica: number, move: Move, used: Partial<Plain>): Plain {
    const { group, sent } = before;
    const { sets } = this.locals.messages;
    const said = (sent[replica] ?? []).map((set, to) => sets.union(set, move.sent[to] ?? 0));
    return {
      ...before,
      ...used,
      group: group.map((state, at) => (at === replica ? move.to : state)),
      sent: sent.map((one, at) => (at === replica ? said : one)),
    };
  }
}

interface Plain {
  readonly group: readonly LocalState[];
  readonly sent: readonly (readonly number[])[];
  readonly timeouts: number;
  readonly crashes: number;
}

function keyOf({ group, sent, timeouts, crashes }: Plain): string {
  return `${group.map(({ id }) => id).join()}|${sent.flat().join()}|${timeouts}|${crashes}`;
}

function memoriesOf(group: readonly LocalState[]): string {
  return group.map(({ memory }) => memory).join();
}

const { losses } = worldNamed('overlapping crashes');
const { neverArrive, ...change } = worldNamed('one replaced');
const lost = [...neverArrive, 'Commit', 'GetLog'] as const;

describe('what the explorer leaves out', () => {
  it.each([
    ['without a view change', { viewMax: 0 }],
    ['with a view change', { timeoutsMax: 1, neverArrive: ['CommitOk', 'Commit', 'Prepare'] }],
    ['with a crash', { viewMax: 0, crashesMax: 1, losses, neverArrive: ['CommitOk'] }],
    ['with a witness', { viewMax: 0, timeoutsMax: 1, witnesses: 1, neverArrive: ['CommitOk'] }],
    ['with leases', { viewMax: 0, clockMax: 1 }],
    ['with a change of the group', { ...change, timeoutsMax: 0, neverArrive: lost }],
  ] as const)('is nothing that replicas could come to: %s', (_, bounds) => {
    const world: World = { ...worldNamed('one view change'), operations: [], ...bounds };
    const plain = new PlainExploration(world).group;
    const exploration = new Exploration(ROOT, world);
    exploration.run();
    const clever = new Set<string>();
    exploration.eachGroup((group) => clever.add(memoriesOf(group)));
    expect([...clever].sort()).toEqual([...plain].sort());
  });
});
