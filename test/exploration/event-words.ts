import { decodeEntry, fnvHash, type Message } from '@lockstep/vr-core';
import type { Event } from './local-state';
import type { MessageTable } from './message-table';

/** What happened to a replica, as it stands in a trace: `2: Prepare (view 0, op 1, commit 0) <- 0`. */
export function wordsOf(replica: number, event: Event, messages: MessageTable): string {
  return `${replica}: ${wordsOfEvent(event, messages)}`;
}

function wordsOfEvent(event: Event, messages: MessageTable): string {
  switch (event.kind) {
    case 'message': {
      const { message, from } = messages.at(event.id);
      return `${nameOf(message)} <- ${from}`;
    }
    case 'request':
      return `a client's request ${event.number}`;
    case 'crash': {
      const written = event.finished === 0 ? '' : ` once ${event.finished} more writes are done`;
      return `crashes${written}, ${event.loss.name}, and starts again`;
    }
    case 'stored':
      return 'the oldest write is done';
    case 'clock':
      return 'the clock goes on';
    case 'start':
    case 'timeout':
      return event.kind;
  }
}

/** The message with those of its fields that tell it from others of its kind. */
export function nameOf(message: Message): string {
  return `${message.kind} (${fieldsOf(message).join(', ')})`;
}

function fieldsOf(message: Message): string[] {
  const fields: string[] = [];
  if (message.epochNumber > 0) fields.push(`epoch ${message.epochNumber}`);
  fields.push(`view ${message.viewNumber}`);
  if (message.incarnation > 1) fields.push(`life ${message.incarnation}`);
  if (message.kind === 'Prepare') fields.push(`op ${decodeEntry(message.entry, fnvHash).opNumber}`);
  if (message.kind === 'RecoveryResponse' && message.head !== undefined) {
    fields.push(`op ${message.head.opNumber}`, `commit ${message.head.commitNumber}`);
  }
  if ('opNumber' in message) fields.push(`op ${message.opNumber}`);
  if ('lastNormalView' in message) fields.push(`of view ${message.lastNormalView.viewNumber}`);
  if ('commitNumber' in message) fields.push(`commit ${message.commitNumber}`);
  return fields;
}
