import type { LocalState, Move } from './local-state';
import type { LocalStates } from './local-states';
import { Moves } from './moves';
import { brokenByGroup } from './group-rules';
import { Obsolete } from './obsolete';
import { beginningOf } from './script';
import type { World } from './world';

/** How much has been used of what is bounded for all replicas together; each fits into 8 bits. */
const OPERATION = 1;
const TIMEOUT = 1 << 8;
const CRASH = 1 << 16;

/** Moves of one replica, and what each of them costs. */
export interface Choice {
  readonly moves: readonly Move[];
  readonly cost: number;
}

/**
 * Global states as rows of whole numbers, and what follows from them: the local state of each replica, the set of what
 * each has sent to each, and how much is used up.
 */
export class GroupMoves {
  readonly width: number;
  /** The state that has been made last. */
  readonly row: Int32Array;
  /** The state that is being left. */
  private readonly group: LocalState[] = [];
  private readonly from: Int32Array;
  private readonly world: World;
  private readonly size: number;
  private readonly usedAt: number;
  private readonly locals: LocalStates;
  private readonly moves: Moves;
  private readonly obsolete: Obsolete;

  constructor(world: World, locals: LocalStates) {
    this.world = world;
    this.locals = locals;
    this.moves = new Moves(locals, world);
    this.obsolete = new Obsolete(world, locals.messages);
    this.size = world.replicas;
    this.usedAt = this.size + this.size * this.size;
    this.width = this.usedAt + 1;
    this.row = new Int32Array(this.width);
    this.from = new Int32Array(this.width);
  }

  /** Makes the state with which the world begins. */
  begin(): void {
    const { group, sent, operations } = beginningOf(this.world, this.locals);
    const { row, size } = this;
    group.forEach(({ id }, replica) => (row[replica] = id));
    sent.forEach((sets, from) => {
      sets.forEach((set, to) => (row[this.flowAt(from, to)] = set));
    });
    row[this.usedAt] = operations * OPERATION;
    for (let replica = 0; replica < size; replica += 1) this.reply(replica);
    this.forget();
  }

  /** From here on this state is left. */
  leave(row: Int32Array): void {
    this.from.set(row);
    for (let replica = 0; replica < this.size; replica += 1) {
      this.group[replica] = this.locals.at(row[replica]!);
    }
  }

  /** The local state, in the state that is being left, of the replica that this is a later one of. */
  before({ to }: Move): LocalState {
    return this.group[to.replica]!;
  }

  /** All that can happen next. */
  choices(): Choice[] {
    const late = this.group.find(({ clock }) => clock < this.group[0]!.clock);
    if (late !== undefined) return [{ moves: this.moves.byClock(late), cost: 0 }];
    return [...this.clocks(), ...this.happenings()];
  }

  /** The clocks of all go on, one after the other, and nothing else happens meanwhile. */
  private clocks(): Choice[] {
    const first = this.group[0]!;
    return first.clock < this.world.clockMax ? [{ moves: this.moves.byClock(first), cost: 0 }] : [];
  }

  private happenings(): Choice[] {
    const { world, group, moves, from, size } = this;
    const all: Choice[] = [];
    const used = from[this.usedAt]!;
    const operations = used & 0xff;
    for (const state of group) {
      for (let sender = 0; sender < size; sender += 1) {
        const arriving = from[this.flowAt(sender, state.replica)]!;
        if (arriving !== 0) all.push({ moves: moves.byArrival(state, arriving), cost: 0 });
      }
      if (world.slowDisks) all.push({ moves: moves.byStored(state), cost: 0 });
      if (operations < world.operations.length) {
        all.push({ moves: moves.byRequest(state, operations + 1), cost: OPERATION });
      }
      if (((used >> 8) & 0xff) < world.timeoutsMax) {
        all.push({ moves: moves.byTimeout(state), cost: TIMEOUT });
      }
      if (used >> 16 < world.crashesMax) all.push({ moves: this.crashes(state), cost: CRASH });
    }
    return all;
  }

  /** Makes the state that the move leads to. */
  reach({ to, sent }: Move, cost: number): void {
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

  /** The rule that the move breaks. */
  broken({ to, broken }: Move): string | undefined {
    if (broken !== undefined) return broken;
    const after = this.group.map((state) => (state.replica === to.replica ? to : state));
    const rule = brokenByGroup(this.world, this.locals.testimonies, after);
    if (rule !== undefined) return rule;
    if (to.testimony === this.group[to.replica]!.testimony) return undefined;
    for (const { testimony } of after) {
      const conflict = this.locals.testimonies.conflict(to.testimony, testimony);
      if (conflict !== undefined) return conflict;
    }
    return undefined;
  }

  /**
   * Whatever can follow from the state at `less` can follow from the one at `more`, which has the same local states:
   * more has been said there, or less is used up, and nothing is the other way round.
   */
  covers(rows: Int32Array, more: number, less: number): boolean {
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

  /** No more replicas may be without their log at once than the world says; the one that crashes now counts. */
  private crashes(state: LocalState): readonly Move[] {
    const others = this.group.filter((one) => one !== state && one.status === 'recovering');
    const { recoveringMax } = this.world;
    return this.moves
      .byCrash(state)
      .filter(
        ({ event }) => event.kind !== 'crash' || !event.loss.log || others.length < recoveringMax,
      );
  }

  private flowAt(from: number, to: number): number {
    return this.size + from * this.size + to;
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
}
