import type {
  Effect,
  Input,
  KeptAlive,
  Message,
  Note,
  ReadResult,
  ReplicaNumber,
  ReplicaView,
  Request,
  Store,
  Answer,
} from '@lockstep/vr-core';
import type { ObservedHost } from './observed-host';

/** Somebody who sees everything in the simulated world and changes nothing: checkers, counters, printers. */
export interface Observer {
  started?(host: ObservedHost): void;
  crashed?(host: ObservedHost): void;
  /** Before the step, once for each input. */
  input?(host: ObservedHost, input: Input): void;
  send?(host: ObservedHost, to: ReplicaNumber, message: Message): void;
  /** Before the disk is told. */
  store?(host: ObservedHost, store: Store): void;
  answer?(host: ObservedHost, request: Request, answer: Answer): void;
  keptAlive?(host: ObservedHost, keepAliveId: number, result: KeptAlive): void;
  read?(host: ObservedHost, readId: number, result: ReadResult): void;
  events?(host: ObservedHost, events: Extract<Effect, { kind: 'events' }>['events']): void;
  note?(host: ObservedHost, note: Note): void;
  /** The replica has stopped by itself: by a halt effect or a broken invariant. */
  halted?(host: ObservedHost, reason: string): void;
  /** After the effects of a step. */
  stepped?(host: ObservedHost, view: ReplicaView): void;
}

export type Hook = keyof Observer;

/** Lets many observers see what one would. */
export class Observers {
  private readonly all: Observer[] = [];
  private readonly hooks = new Map<Hook, Observer[]>();

  add(observer: Observer): void {
    this.all.push(observer);
    this.hooks.clear();
  }

  /** Those that look at `hook`. */
  of(hook: Hook): readonly Observer[] {
    let found = this.hooks.get(hook);
    if (found === undefined) {
      found = this.all.filter((observer) => observer[hook] !== undefined);
      this.hooks.set(hook, found);
    }
    return found;
  }
}
