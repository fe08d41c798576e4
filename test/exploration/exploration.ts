import { CoreUnderTest } from './core-under-test';
import { GroupMoves } from './group-moves';
import type { Event, LocalState, Move } from './local-state';
import { LocalStates } from './local-states';
import { StateSet } from './state-set';
import type { World } from './world';

/** One step of a trace. */
export interface TraceStep {
  readonly before: LocalState;
  readonly event: Event;
}

export interface Violation {
  readonly rule: string;
  /** After the script, one shortest way to it. */
  readonly trace: readonly TraceStep[];
}

export interface Report {
  readonly verdict: 'exhausted' | 'bounded' | 'violation';
  readonly states: number;
  /** Every state that is so many steps away was seen. */
  readonly depth: number;
  readonly localStates: number;
  readonly messages: number;
  readonly violation: Violation | undefined;
}

/** All that can happen in a world, nearest first. */
export class Exploration {
  readonly locals: LocalStates;
  private readonly world: World;
  private readonly groupMoves: GroupMoves;
  private readonly seen: StateSet;
  private readonly cameFrom: number[] = [];
  private index = -1;
  private violation: Violation | undefined;

  constructor(root: string, world: World) {
    this.world = world;
    this.locals = new LocalStates(world, new CoreUnderTest(root, world));
    const groupMoves = new GroupMoves(world, this.locals);
    this.groupMoves = groupMoves;
    this.seen = new StateSet(groupMoves.width, world.replicas, (rows, more, less) =>
      groupMoves.covers(rows, more, less),
    );
  }

  run(): Report {
    this.groupMoves.begin();
    this.keep();
    let depth = 0;
    for (let next = 0; next < this.seen.size; depth += 1) {
      const end = this.seen.size;
      for (; next < end; next += 1) {
        if (this.seen.size >= this.world.statesMax) return this.report('bounded', depth);
        if (!this.seen.isCovered(next)) this.expand(next);
        if (this.violation !== undefined) return this.report('violation', depth);
      }
    }
    return this.report('exhausted', depth - 1);
  }

  /** The local states of each global state that was found. */
  eachGroup(look: (group: readonly LocalState[]) => void): void {
    const row = new Int32Array(this.groupMoves.width);
    for (let index = 0; index < this.seen.size; index += 1) {
      this.seen.read(index, row);
      look(Array.from(row.subarray(0, this.world.replicas), (id) => this.locals.at(id)));
    }
  }

  private report(verdict: Report['verdict'], depth: number): Report {
    return {
      verdict,
      depth,
      states: this.seen.size,
      localStates: this.locals.size,
      messages: this.locals.messages.size,
      violation: this.violation,
    };
  }

  private expand(index: number): void {
    this.leave(index);
    for (const { moves, cost } of this.groupMoves.choices()) this.follow(moves, cost);
  }

  private leave(index: number): void {
    this.index = index;
    const row = new Int32Array(this.groupMoves.width);
    this.seen.read(index, row);
    this.groupMoves.leave(row);
  }

  private follow(moves: readonly Move[], cost: number): void {
    for (const move of moves) {
      const rule = this.groupMoves.broken(move);
      if (rule !== undefined) return this.violate(rule, move);
      this.groupMoves.reach(move, cost);
      this.keep();
    }
  }

  private keep(): void {
    if (this.seen.add(this.groupMoves.row)) this.cameFrom.push(this.index);
  }

  private violate(rule: string, move: Move): void {
    if (this.violation !== undefined) return;
    const last = { before: this.groupMoves.before(move), event: move.event };
    this.violation = { rule, trace: [...this.wayTo(this.index), last] };
  }

  private wayTo(index: number): TraceStep[] {
    const steps: TraceStep[] = [];
    for (let to = index; to > 0; to = this.cameFrom[to]!) {
      steps.unshift(this.stepBetween(this.cameFrom[to]!, to));
    }
    return steps;
  }

  /** Makes the steps from one state again until one of them leads to the other. */
  private stepBetween(from: number, to: number): TraceStep {
    const { groupMoves } = this;
    const wanted = new Int32Array(groupMoves.width);
    this.seen.read(to, wanted);
    this.leave(from);
    for (const { moves, cost } of groupMoves.choices()) {
      for (const move of moves) {
        groupMoves.reach(move, cost);
        if (groupMoves.row.some((value, at) => value !== wanted[at])) continue;
        return { before: groupMoves.before(move), event: move.event };
      }
    }
    throw new Error('the way to a state that was found is lost');
  }
}
