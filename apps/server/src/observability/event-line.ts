import type { Note, ReplicaView } from '@lockstep/vr-core';

/**
 * One aligned line a protocol event, the same in the log, the simulator and the console:
 * `replica 2  epoch 1 view 3  view-change  op 57 commit 55  StartViewChange <- 1 (2 of 2)`
 */
export function eventLine(view: ReplicaView, event: string, text: string): string {
  const where = `replica ${view.replicaNumber}  epoch ${view.epochNumber} view ${view.viewNumber}`;
  const progress = `op ${view.opNumber} commit ${view.commitNumber}`;
  return `${where}  ${event.padEnd(14)}  ${progress}  ${text}`;
}

export function noteLine(view: ReplicaView, note: Note): string {
  switch (note.kind) {
    case 'protocol':
      return eventLine(view, note.event, note.text);
    case 'ignored':
      return eventLine(view, 'ignored', `${note.what} <- ${note.from ?? '?'}: ${note.reason}`);
    case 'alarm':
      return eventLine(view, 'alarm', note.text);
  }
}
