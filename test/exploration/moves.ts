import type { Event, LocalState, Move } from './local-state';
import type { LocalStates } from './local-states';
import { PairMemo } from './pair-memo';
import { viewMaxIn, type World } from './world';

const NONE: readonly Move[] = [];

/** What each local state can become, each answer remembered: most global states are made of well-known local ones. */
export class Moves {
  private readonly states: LocalStates;
  private readonly world: World;
  private readonly byMessage = new PairMemo<Move>();
  private readonly bySet = new PairMemo<readonly Move[]>();
  private readonly replied = new PairMemo<readonly number[]>();
  /** What it is to say nothing. */
  readonly silence: readonly number[];
  private readonly onTimeout: (readonly Move[])[] = [];
  private readonly onRequest: (readonly Move[])[] = [];
  private readonly onStored: (readonly Move[])[] = [];
  private readonly onCrash: (readonly Move[])[] = [];
  private readonly onClock: (readonly Move[])[] = [];

  constructor(states: LocalStates, world: World) {
    this.states = states;
    this.world = world;
    this.silence = new Array<number>(world.replicas).fill(0);
  }

  /**
   * All that the replica would say to messages of the set without being changed by them. To have said more takes no
   * possibility away, as any message may be late for ever; so nothing is missed when it is said at once.
   */
  replies(state: LocalState, set: number): readonly number[] {
    const known = this.replied.get(state.id, set);
    if (known !== undefined) return known;
    const { sets } = this.states.messages;
    let said: readonly number[] = this.silence;
    for (const id of sets.membersOf(set)) {
      const { to, sent, broken } = this.byArrivalOf(state, id);
      if (to !== state || broken !== undefined) continue;
      if (sent.some((one) => one !== 0)) said = said.map((one, at) => sets.union(one, sent[at]!));
    }
    return this.replied.set(state.id, set, said);
  }

  /** By any message of the set that changes the replica. */
  byArrival(state: LocalState, set: number): readonly Move[] {
    const known = this.bySet.get(state.id, set);
    if (known !== undefined) return known;
    const moves: Move[] = [];
    for (const id of this.states.messages.sets.membersOf(set)) {
      const move = this.byArrivalOf(state, id);
      if (move.to === state && move.broken === undefined) continue;
      if (!moves.some((one) => isSame(one, move))) moves.push(move);
    }
    return this.bySet.set(state.id, set, moves.length === 0 ? NONE : moves);
  }

  /** A replica that leads has nothing to wait for; towards a view beyond the world's nobody is impatient. */
  byTimeout(state: LocalState): readonly Move[] {
    if (this.isPatient(state)) return NONE;
    return (this.onTimeout[state.id] ??= this.movesOf(state, [{ kind: 'timeout' }]));
  }

  /** A leader is not, where it has witnesses to call. */
  private isPatient({ leads, status, epoch, view }: LocalState): boolean {
    if (leads) return this.world.witnesses === 0;
    return status === 'recovering' || view >= viewMaxIn(this.world, epoch);
  }

  byRequest(state: LocalState, number: number): readonly Move[] {
    if (!state.leads) return NONE;
    const key = state.id * (this.world.operations.length + 1) + number;
    return (this.onRequest[key] ??= this.movesOf(state, [{ kind: 'request', number }]));
  }

  byStored(state: LocalState): readonly Move[] {
    if (state.disk.unfinished.length === 0) return NONE;
    return (this.onStored[state.id] ??= this.movesOf(state, [{ kind: 'stored' }]));
  }

  byClock(state: LocalState): readonly Move[] {
    return (this.onClock[state.id] ??= this.movesOf(state, [{ kind: 'clock' }]));
  }

  byCrash(state: LocalState): readonly Move[] {
    return (this.onCrash[state.id] ??= this.movesOf(state, this.crashes(state)));
  }

  private crashes(state: LocalState): readonly Event[] {
    const ends = state.disk.unfinished.map((_, index) => index + 1);
    return this.world.losses.flatMap((loss) =>
      [0, ...ends].map((finished) => ({ kind: 'crash', loss, finished }) as const),
    );
  }

  private movesOf(state: LocalState, events: readonly Event[]): readonly Move[] {
    return events.map((event) => this.states.after(state, event));
  }

  private byArrivalOf(state: LocalState, id: number): Move {
    return (
      this.byMessage.get(state.id, id) ??
      this.byMessage.set(state.id, id, this.states.after(state, { kind: 'message', id }))
    );
  }
}

function isSame(a: Move, b: Move): boolean {
  return a.to === b.to && a.broken === b.broken && a.sent.every((set, to) => set === b.sent[to]);
}
