import type { Note, ReplicaView } from '@lockstep/vr-core';
import type { PeerReport } from '../peers/peer-channel';
import type { HostObserver } from '../replica-host/replica-host';
import { eventLine, noteLine } from './event-line';
import type { Logger } from './logger';
import type { Diagnosis } from './diagnosis';
import type { Metrics } from './metrics';

/** What changed in a replica that clients, the supervisor and people want to be told. */
export type ViewListener = (view: ReplicaView) => void;

export interface HostLogParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly diagnosis: Diagnosis;
  /** Ends the process with one line. */
  readonly fail: (line: string) => void;
}

/** Turns what the replica notes into lines and counts, and tells of every change of status, view and primary. */
export class HostLog implements HostObserver {
  private readonly logger: Logger;
  private readonly metrics: Metrics;
  private readonly fail: (line: string) => void;
  private readonly listeners: ViewListener[] = [];
  private readonly noteListeners: ((note: Note) => void)[] = [];
  private readonly diagnosis: Diagnosis;
  private shown = '';

  constructor({ logger, metrics, diagnosis, fail }: HostLogParts) {
    this.logger = logger;
    this.metrics = metrics;
    this.diagnosis = diagnosis;
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
    const level: Level =
      note.kind === 'alarm' ? 'warn' : note.kind === 'protocol' ? 'info' : 'debug';
    if (note.kind === 'ignored' && !this.logger.isLevelEnabled(level)) return;
    const now = view();
    const line = noteLine(now, note);
    if (note.kind !== 'ignored') this.diagnosis.addEvent(line);
    const { epochNumber: epoch, viewNumber, opNumber: op, commitNumber: commit } = now;
    this.write(level, { ...note, epoch, view: viewNumber, op, commit }, line, keyOf(note));
  }

  onTurn(inputs: number, view: () => ReplicaView): void {
    const now = view();
    const { host } = this.metrics;
    host.onTurn(inputs, now.commitNumber);
    this.diagnosis.tracing?.onTurn(now.commitNumber, host.ops);
    const { epochNumber, viewNumber, status, serving } = now;
    const showing = `${epochNumber}.${viewNumber} ${status} ${serving}`;
    if (showing === this.shown) return;
    this.shown = showing;
    const role = serving ? 'the primary' : `primary is ${now.primary}`;
    const line = eventLine(now, status, role);
    this.diagnosis.addEvent(line);
    this.logger.info({ epoch: epochNumber, view: viewNumber, status, serving }, line);
    for (const listener of this.listeners) listener(now);
  }

  onReport({ level, text }: PeerReport): void {
    this.write(level, {}, text, text);
  }

  onFailure(reason: string, fault?: unknown): void {
    const cause = fault instanceof Error ? `: ${fault.message}` : '';
    this.logger.fatal({ reason, err: fault }, `stopped: ${reason}${cause}`);
    this.fail(`stopped: ${reason}${cause}`);
  }

  /** Ten lines of one kind in ten seconds, then a count of the rest. What is written for debugging is written whole. */
  private write(level: Level, facts: object, line: string, kind: string): void {
    const suppressed = level === 'debug' ? 0 : this.diagnosis.limit.admit(kind);
    if (suppressed === undefined) return;
    this.logger[level](suppressed > 0 ? { ...facts, suppressed } : facts, line);
  }
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const keyOf = (note: Note): string =>
  note.kind === 'protocol' ? `${note.event} ${note.text}` : note.kind === 'alarm' ? note.text : '';
