import type { Note, ReplicaView } from '@lockstep/vr-core';
import type { PeerReport } from '../peers/peer-channel';
import type { HostObserver } from '../replica-host/replica-host';
import { eventLine, noteLine } from './event-line';
import type { Logger } from './logger';
import type { Metrics } from './metrics';

/** What changed in a replica that clients, the supervisor and people want to be told. */
export type ViewListener = (view: ReplicaView) => void;

/** Turns what the replica notes into lines and counts, and tells of every change of status, view and primary. */
export class HostLog implements HostObserver {
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  private readonly fail: (line: string) => void;
  private readonly listeners: ViewListener[] = [];
  private readonly noteListeners: ((note: Note) => void)[] = [];
  private shown = '';

  /** `fail` ends the process with one line. */
  constructor(logger: Logger, metrics: Metrics, fail: (line: string) => void) {
    this.logger = logger;
    this.metrics = metrics;
    this.fail = fail;
  }

  onView(listener: ViewListener): void {
    this.listeners.push(listener);
  }

  /** Before the change of view that it tells of. */
  onEveryNote(listener: (note: Note) => void): void {
    this.noteListeners.push(listener);
  }

  onNote(note: Note, view: () => ReplicaView): void {
    this.metrics.notes.add(note);
    for (const listener of this.noteListeners) listener(note);
    const level = note.kind === 'alarm' ? 'warn' : note.kind === 'protocol' ? 'info' : 'debug';
    if (!this.logger.isLevelEnabled(level)) return;
    const now = view();
    const { epochNumber: epoch, viewNumber, opNumber: op, commitNumber: commit } = now;
    this.logger[level]({ ...note, epoch, view: viewNumber, op, commit }, noteLine(now, note));
  }

  onTurn(inputs: number, view: () => ReplicaView): void {
    const now = view();
    this.metrics.host.onTurn(inputs, now.commitNumber);
    const { epochNumber, viewNumber, status, serving } = now;
    const showing = `${epochNumber}.${viewNumber} ${status} ${serving}`;
    if (showing === this.shown) return;
    this.shown = showing;
    const role = serving ? 'the primary' : `primary is ${now.primary}`;
    this.logger.info(
      { epoch: epochNumber, view: viewNumber, status, serving },
      eventLine(now, status, role),
    );
    for (const listener of this.listeners) listener(now);
  }

  onReport({ level, text }: PeerReport): void {
    this.logger[level](text);
  }

  onFailure(reason: string, fault?: unknown): void {
    const cause = fault instanceof Error ? `: ${fault.message}` : '';
    this.logger.fatal({ reason, err: fault }, `stopped: ${reason}${cause}`);
    this.fail(`stopped: ${reason}${cause}`);
  }
}
