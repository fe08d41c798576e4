import type { Note } from '@lockstep/vr-core';
import type { Observer } from './observer';
import type { ObservedHost } from './observed-host';
import { TICK_MS } from './simulated-host';

/** One line for each step of the protocol, aligned, the same words as in the log of a real replica. */
export class EventLines implements Observer {
  private readonly write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.write = write;
  }

  started(host: ObservedHost): void {
    this.line(host, 'starts', `life ${host.disk.incarnation}, log ${host.disk.durable.condition}`);
  }

  crashed(host: ObservedHost): void {
    this.line(host, 'crashed', '');
  }

  halted(host: ObservedHost, reason: string): void {
    this.line(host, 'halted', reason);
  }

  note(host: ObservedHost, note: Note): void {
    if (note.kind === 'protocol') this.line(host, note.event, note.text);
    if (note.kind === 'alarm') this.line(host, 'alarm', note.text);
  }

  private line(host: ObservedHost, event: string, text: string): void {
    const view = host.view();
    const tick = String(Math.floor(host.time.nowMs / TICK_MS)).padStart(6);
    const where = view
      ? `epoch ${view.epochNumber} view ${String(view.viewNumber).padEnd(3)}`
      : 'epoch - view -  ';
    const numbers = view ? `op ${view.opNumber} commit ${view.commitNumber}` : '';
    this.write(
      `tick ${tick}  replica ${host.self}  ${where}  ${event.padEnd(14)}  ${numbers}  ${text}`,
    );
  }
}
