import type { Event, LocalState, Move } from './local-state';
import type { LocalStates } from './local-states';
import type { ScriptLine, Which, World } from './world';

/** Where an exploration begins. */
export interface Beginning {
  readonly group: readonly LocalState[];
  /** By sender and receiver, the set of messages sent. */
  readonly sent: readonly (readonly number[])[];
  /** Requests that the script has made. */
  readonly operations: number;
}

/** All replicas start, and what the world's script says happens: on the real core, as everything after it. */
export function beginningOf(world: World, locals: LocalStates): Beginning {
  const stage = new Stage(world, locals);
  for (const line of world.script) stage.run(line);
  return stage;
}

class Stage implements Beginning {
  readonly group: LocalState[] = [];
  readonly sent: number[][] = [];
  operations = 0;
  private readonly locals: LocalStates;

  constructor(world: World, locals: LocalStates) {
    this.locals = locals;
    for (let replica = 0; replica < world.replicas; replica += 1) {
      this.sent.push(new Array<number>(world.replicas).fill(0));
      this.take(replica, locals.first(replica));
    }
  }

  run(line: ScriptLine): void {
    switch (line.kind) {
      case 'settle':
        return this.settle(line.among);
      case 'deliver':
        return this.deliver(line.which);
      case 'lose-all':
        for (const sets of this.sent) sets.fill(0);
        return;
      case 'request':
        this.operations += 1;
        return this.happens(line.at, { kind: 'request', number: this.operations });
      case 'timeout':
        return this.happens(line.at, { kind: 'timeout' });
      case 'crash':
        return this.happens(line.at, { kind: 'crash', loss: line.loss, finished: 0 });
      case 'clocks':
        return this.group.forEach((_, at) => this.happens(at, { kind: 'clock' }));
    }
  }

  private deliver(which: Which): void {
    const { kind, from, to, view } = which;
    const meant = this.lettersOf(from, to).filter((id) => {
      const { message } = this.locals.messages.at(id);
      return message.kind === kind && (view === undefined || message.viewNumber === view);
    });
    if (meant.length === 0) throw new Error(`no such message: ${JSON.stringify(which)}`);
    for (const id of meant) this.happens(to, { kind: 'message', id });
  }

  /** Until no message changes anything any more. */
  private settle(among: readonly number[]): void {
    for (let before = ''; before !== this.key();) {
      before = this.key();
      for (const to of among) {
        for (const from of among) {
          for (const id of this.lettersOf(from, to)) this.happens(to, { kind: 'message', id });
        }
      }
    }
  }

  private happens(at: number, event: Event): void {
    const state = this.group[at];
    if (state === undefined) throw new RangeError(`there is no replica ${at}`);
    this.take(at, this.locals.after(state, event));
  }

  private take(at: number, { to, sent, broken }: Move): void {
    if (broken !== undefined) throw new Error(`the script itself breaks a rule: ${broken}`);
    this.group[at] = to;
    const { sets } = this.locals.messages;
    this.sent[at] = sent.map((set, receiver) => sets.union(this.sent[at]?.[receiver] ?? 0, set));
  }

  private lettersOf(from: number, to: number): Int32Array {
    return this.locals.messages.sets.membersOf(this.sent[from]?.[to] ?? 0);
  }

  private key(): string {
    return [...this.group.map(({ id }) => id), ...this.sent.flat()].join();
  }
}
