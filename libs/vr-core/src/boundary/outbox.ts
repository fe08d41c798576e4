import type { Message } from '../messages/message';
import type { ReplicaNumber } from '../numbers/numbers';
import type { Effect } from './effect';
import type { Ignored } from './ignored';
import type { ProtocolEvent } from './note';

/** Collects the effects of one step. */
export class Outbox {
  readonly effects: Effect[] = [];

  add(effect: Effect): void {
    this.effects.push(effect);
  }

  send(to: ReplicaNumber, message: Message): void {
    this.effects.push({ kind: 'send', to, message });
  }

  ignore(what: Message, reason: Ignored): void {
    this.effects.push({
      kind: 'note',
      note: { kind: 'ignored', reason, what: what.kind, from: what.replicaNumber },
    });
  }

  protocol(event: ProtocolEvent, text: string): void {
    this.effects.push({ kind: 'note', note: { kind: 'protocol', event, text } });
  }

  alarm(text: string): void {
    this.effects.push({ kind: 'note', note: { kind: 'alarm', text } });
  }
}
