import { CoreUnderTest } from './core-under-test';
import type { Event, LocalState, Move } from './local-state';
import { LocalStates } from './local-states';
import { Moves } from './moves';
import { Obsolete } from './obsolete';
import { beginningOf } from './script';
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

/** How much has been used of what is bounded for all replicas together; each fits into 8 bits. */
const OPERATION = 1;
const TIMEOUT = 1 << 8;
const CRASH = 1 << 16;

/** All that can happen in a world, nearest first. */
export class Exploration {
  readonly locals: LocalStates;
  private readonly world: World;
  private readonly size: number;
  private readonly moves: Moves;
  private readonly obsolete: Obsolete;
  private readonly seen: StateSet;
  private readonly cameFrom: number[] = [];
  /** The state that is being left: its local states, and all of it as a row. */
  private readonly group: LocalState[] = [];
  private readonly from: Int32Array;
  private index = -1;
  /** The state that is being made: local states, what each has sent to each, and what is used up. */
  private readonly row: Int32Array;
  private readonly usedAt: number;
  private violation: Violation | undefined;

  constructor(root: string, world: World) {
    this.world = world;
    this.size = world.replicas;
    this.locals = new LocalStates(world, new CoreUnderTest(root, world));
    this.moves = new Moves(this.locals, world);
    this.obsolete = new Obsolete(world, this.locals.messages);
    this.usedAt = this.size + this.size * this.size;
    this.row = new Int32Array(this.usedAt + 1);
    this.from = new Int32Array(this.usedAt + 1);
    this.seen = new StateSet(this.row.length, this.size, (rows, more, less) =>
      this.covers(rows, more, less),
    );
  }

  run(): Report {
    this.begin();
    let depth = 0;
    for (let next = 0; next < this.seen.size && this.violation === undefined; depth += 1) {
      const end = this.seen.size;
      for (; next < end && this.violation === undefined; next += 1) {
        if (this.seen.size >= this.world.statesMax) return this.report('bounded', depth);
        if (!this.seen.isCovered(next)) this.expand(next);
      }
    }
    return this.report(this.violation === undefined ? 'exhausted' : 'violation', depth - 1);
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

  private begin(): void {
    const { group, sent, operations } = beginningOf(this.world, this.locals);
    const { row, size } = this;
    group.forEach(({ id }, replica) => (row[replica] = id));
    sent.forEach((sets, from) => {
      sets.forEach((set, to) => (row[this.flowAt(from, to)] = set));
    });
    row[this.usedAt] = operations * OPERATION;
    for (let replica = 0; replica < size; replica += 1) this.reply(replica);
    this.forget();
    this.seen.add(row);
    this.cameFrom.push(-1);
  }

  private flowAt(from: number, to: number): number {
    return this.size + from * this.size + to;
  }

  private expand(index: number): void {
    this.load(index);
    for (const { moves, cost } of this.allMoves()) this.follow(moves, cost);
  }

  private load(index: number): void {
    this.index = index;
    this.seen.read(index, this.from);
    for (let replica = 0; replica < this.size; replica += 1) {
      this.group[replica] = this.locals.at(this.from[replica]!);
    }
  }

  private allMoves(): { readonly moves: readonly Move[]; readonly cost: number }[] {
    const { world, group, moves, from, size } = this;
    const all: { moves: readonly Move[]; cost: number }[] = [];
    const used = from[this.usedAt]!;
    const operations = used & 0xff;
    for (const state of group) {
      for (let sender = 0; sender < size; sender += 1) {
        const arriving = from[this.flowAt(sender, state.replica)]!;
        if (arriving !== 0) all.push({ moves: moves.byArrival(state, arriving), cost: 0 });
      }
      if (world.slowDisks) all.push({ moves: moves.byStored(state), cost: 0 });
      if (operations < world.operationsMax) {
        all.push({ moves: moves.byRequest(state, operations + 1), cost: OPERATION });
      }
      if (((used >> 8) & 0xff) < world.timeoutsMax) {
        all.push({ moves: moves.byTimeout(state), cost: TIMEOUT });
      }
      if (used >> 16 < world.crashesMax) all.push({ moves: this.crashes(state), cost: CRASH });
    }
    return all;
  }

  /** No more replicas may be without their log at once than the world says; the one that crashes now counts. */
  private crashes(state: LocalState): readonly Move[] {
    const others = this.group.filter((one) => one !== state && one.status === 'recovering');
    return this.moves
      .byCrash(state)
      .filter(
        ({ event }) =>
          event.kind !== 'crash' || !event.loss.log || others.length < this.world.recoveringMax,
      );
  }

  private follow(moves: readonly Move[], cost: number): void {
    for (const move of moves) {
      const rule = this.broken(move);
      if (rule !== undefined) return this.violate(rule, move);
      this.reach(move, cost);
      if (this.seen.add(this.row)) this.cameFrom.push(this.index);
    }
  }

  /** Fills the row with what the move leads to. */
  private reach({ to, sent }: Move, cost: number): void {
    const { row } = this;
    const { replica } = to;
    row.set(this.from);
    row[replica] = to.id;
    row[this.usedAt]! += cost;
    const spoke = this.say(replica, sent);
    this.reply(replica);
    if (spoke) this.replyTo(replica);
    this.forget();
  }

  /** True when it is news. */
  private say(replica: number, sent: readonly number[]): boolean {
    const { row } = this;
    let news = false;
    for (let to = 0; to < this.size; to += 1) {
      const set = sent[to]!;
      if (set === 0) continue;
      const at = this.flowAt(replica, to);
      const after = this.locals.messages.sets.union(row[at]!, set);
      news ||= after !== row[at];
      row[at] = after;
    }
    return news;
  }

  /** A replica that is another one now answers whatever it can answer without being changed. */
  private reply(replica: number): void {
    let spoke = false;
    for (let from = 0; from < this.size; from += 1) {
      if (this.replyFrom(replica, from)) spoke = true;
    }
    if (spoke) this.replyTo(replica);
  }

  /** The others answer what this replica has said. */
  private replyTo(replica: number): void {
    for (let other = 0; other < this.size; other += 1) {
      if (this.replyFrom(other, replica)) this.replyTo(other);
    }
  }

  /** True when something new has been said. */
  private replyFrom(replica: number, from: number): boolean {
    const { row, locals, moves } = this;
    const arrived = row[this.flowAt(from, replica)]!;
    if (arrived === 0) return false;
    const said = moves.replies(locals.at(row[replica]!), arrived);
    return said !== moves.silence && this.say(replica, said);
  }

  /** What cannot have any effect any more is not carried along. */
  private forget(): void {
    const { row, size } = this;
    for (let to = 0; to < size; to += 1) {
      const receiver = this.locals.at(row[to]!);
      for (let from = 0; from < size; from += 1) {
        const at = this.flowAt(from, to);
        row[at] = this.obsolete.without(row[at]!, receiver);
      }
    }
  }

  /** More has been said, or less is used up, and nothing is the other way round. */
  private covers(rows: Int32Array, more: number, less: number): boolean {
    const usedMore = rows[more + this.usedAt]!;
    const usedLess = rows[less + this.usedAt]!;
    if ((usedMore & 0xff) !== (usedLess & 0xff)) return false;
    if (((usedMore >> 8) & 0xff) > ((usedLess >> 8) & 0xff)) return false;
    if (usedMore >> 16 > usedLess >> 16) return false;
    const { sets } = this.locals.messages;
    for (let at = this.size; at < this.usedAt; at += 1) {
      if (!sets.includes(rows[more + at]!, rows[less + at]!)) return false;
    }
    return true;
  }

  private broken({ to, broken }: Move): string | undefined {
    if (broken !== undefined) return broken;
    if (to.testimony === this.group[to.replica]!.testimony) return undefined;
    for (const other of this.group) {
      const { testimony } = other.replica === to.replica ? to : other;
      const rule = this.locals.testimonies.conflict(to.testimony, testimony);
      if (rule !== undefined) return rule;
    }
    return undefined;
  }

  private violate(rule: string, { to, event }: Move): void {
    const before = this.group[to.replica]!;
    this.violation ??= { rule, trace: [...this.wayTo(this.index), { before, event }] };
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
    const wanted = new Int32Array(this.row.length);
    this.seen.read(to, wanted);
    this.load(from);
    for (const { moves, cost } of this.allMoves()) {
      for (const move of moves) {
        this.reach(move, cost);
        if (this.row.some((value, at) => value !== wanted[at])) continue;
        return { before: this.group[move.to.replica]!, event: move.event };
      }
    }
    throw new Error('the way to a state that was found is lost');
  }
}
