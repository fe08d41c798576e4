import {
  Outbox,
  type Answer,
  type Consistency,
  type Effect,
  type ExecutedEvent,
  type Input,
  type KeptAlive,
  type Message,
  type Note,
  type Replica,
  type ReplicaNumber,
  type ReplicaView,
  type Request,
  type ReadResult,
  type Store,
} from '@lockstep/vr-core';
import type { PeerChannel, PeerReport } from '../peers/peer-channel';
import type { ReplicaStorage } from '../storage/replica-storage';
import type { EventHub } from './event-hub';
import { readClocks } from './host-clock';
import { Mailbox, type MailboxReader } from './mailbox';
import type { Turn } from './turn';

export type { Answer, Consistency, KeptAlive, ReadResult, Request };

/** Every deadline of the core is polled at this rate. (decision 23) */
export const TICK_MS = 10;

/** Where the answers of the core go. */
export interface AnswerDesk {
  onAnswer(request: Request, answer: Answer): void;
  onKeptAlive(keepAliveId: number, result: KeptAlive): void;
  onRead(readId: number, result: ReadResult): void;
}

/** Who watches the replica: never acts on it. */
export interface HostObserver {
  onNote(note: Note, view: () => ReplicaView): void;
  /** After each turn that took `inputs` inputs; `view` is made only when asked for. */
  onTurn(inputs: number, view: () => ReplicaView): void;
  onReport(report: PeerReport): void;
  onFailure(reason: string, fault?: unknown): void;
}

/** What counts and times what passes through the host: never acts on it. Called often: it is to cost next to nothing. */
export interface HostMeter {
  onStep(nowMs: number): void;
  onStore(store: Store): void;
  onStored(store: Store): void;
  onSent(kind: Message['kind']): void;
  onReceived(kind: Message['kind']): void;
  onEvents(events: readonly ExecutedEvent[]): void;
}

export interface HostParts {
  readonly replica: Replica;
  readonly storage: ReplicaStorage;
  readonly peers: PeerChannel;
  readonly desk: AnswerDesk;
  readonly events: EventHub;
  readonly turn: Turn;
  readonly observer: HostObserver;
  readonly meter?: HostMeter;
}

/**
 * The only caller of the core: one input at a time, and the effects of each step in their order. What is sent to one
 * peer within a turn travels as one frame.
 */
export class ReplicaHost implements MailboxReader {
  readonly mailbox = new Mailbox(this);
  private readonly parts: HostParts;
  private readonly out = new Outbox();
  private readonly frames = new Map<ReplicaNumber, Message[]>();
  private ticker: NodeJS.Timeout | undefined;
  private inputs = 0;
  private stopped = false;

  constructor(parts: HostParts) {
    this.parts = parts;
  }

  /** `start` is the first input of this life. */
  start(start: Extract<Input, { kind: 'start' }>): void {
    this.mailbox.post(start);
    this.parts.peers.start({
      onMessages: (_from, messages) => {
        for (const message of messages) {
          this.parts.meter?.onReceived(message.kind);
          this.mailbox.post({ kind: 'message', message });
        }
      },
      onPeerLost: (peer) => {
        this.mailbox.post({ kind: 'peer-lost', replicaNumber: peer });
      },
      onPeerFound: (peer) => {
        this.mailbox.post({ kind: 'peer-found', replicaNumber: peer });
      },
      onReport: (report) => {
        this.parts.observer.onReport(report);
      },
    });
    this.ticker = setInterval(() => {
      this.mailbox.post({ kind: 'tick' });
    }, TICK_MS);
  }

  /** Takes no input any more. Storage and peers are closed by whoever opened them. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.ticker);
    this.mailbox.close();
  }

  readonly view = (): ReplicaView => this.parts.replica.view(readClocks());

  take(input: Input): void {
    this.inputs += 1;
    this.step(input);
  }

  endOfTurn(): void {
    this.step({ kind: 'flush' });
    for (const [to, messages] of this.frames) this.parts.peers.send(to, messages);
    this.frames.clear();
    this.parts.turn.end();
    this.parts.observer.onTurn(this.inputs, this.view);
    this.inputs = 0;
  }

  private step(input: Input): void {
    if (this.stopped) return;
    const { effects } = this.out;
    try {
      const now = readClocks();
      this.parts.meter?.onStep(now.monotonicMs);
      this.parts.replica.step(input, now, this.out);
      for (const effect of effects) this.carryOut(effect);
    } catch (fault) {
      this.fail('an invariant is broken', fault);
    }
    effects.length = 0;
  }

  private carryOut(effect: Effect): void {
    const { desk, events, observer } = this.parts;
    switch (effect.kind) {
      case 'send':
        this.gather(effect.to, effect.message);
        break;
      case 'store':
        this.store(effect.store);
        break;
      case 'answer':
        desk.onAnswer(effect.request, effect.answer);
        break;
      case 'kept-alive':
        desk.onKeptAlive(effect.keepAliveId, effect.result);
        break;
      case 'read':
        desk.onRead(effect.readId, effect.result);
        break;
      case 'events':
        this.parts.meter?.onEvents(effect.events);
        events.publish(effect.events);
        break;
      case 'load':
        this.load(effect);
        break;
      case 'note':
        observer.onNote(effect.note, this.view);
        break;
      case 'epoch':
        this.parts.peers.follow(effect.epoch);
        break;
      case 'halt':
        this.fail(effect.reason);
        break;
    }
  }

  private gather(to: ReplicaNumber, message: Message): void {
    this.parts.meter?.onSent(message.kind);
    const frame = this.frames.get(to);
    if (frame === undefined) this.frames.set(to, [message]);
    else frame.push(message);
  }

  private store(store: Store): void {
    this.parts.meter?.onStore(store);
    this.parts.storage.store(store, (failure) => {
      if (failure === undefined) {
        this.parts.meter?.onStored(store);
        this.mailbox.post({ kind: 'stored', storeNumber: store.storeNumber });
      } else this.fail('the disk failed', failure);
    });
  }

  private load({ ticket, pages: names }: Extract<Effect, { kind: 'load' }>): void {
    this.parts.storage.load(names).then(
      (pages) => {
        this.mailbox.post({ kind: 'loaded', ticket, pages });
      },
      (fault: unknown) => {
        this.fail('the disk failed', fault);
      },
    );
  }

  /** The disk is left as it is. (decision 17) */
  private fail(reason: string, fault?: unknown): void {
    if (this.stopped) return;
    this.stop();
    this.parts.observer.onFailure(reason, fault);
  }
}
