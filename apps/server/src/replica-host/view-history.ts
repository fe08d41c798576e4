import { memberOf, type Note, type ReplicaView } from '@lockstep/vr-core';
import type { JsonObject } from '../contract/json';

const VIEWS_MAX = 100;

interface PastView {
  readonly epoch: number;
  readonly view: number;
  readonly primary: string;
  readonly atMs: number;
  readonly withoutPrimaryMs: number;
  readonly reason: string;
}

/** The views that this replica has worked in since its start: who led, since when, and why it came to that. */
export class ViewHistory {
  private readonly views: PastView[] = [];
  private reason = 'the replica has started';
  private withoutSinceMs: number | undefined = performance.now();

  note(note: Note): void {
    if (note.kind !== 'protocol') return;
    if (note.event === 'view-change' || note.event === 'step-down' || note.event === 'epoch')
      this.reason = note.text;
  }

  look(view: ReplicaView): void {
    const { epochNumber: epoch, viewNumber, status, primary, epoch: known } = view;
    const nowMs = performance.now();
    if (status !== 'normal') {
      this.withoutSinceMs ??= nowMs;
      return;
    }
    const withoutPrimaryMs = Math.round(nowMs - (this.withoutSinceMs ?? nowMs));
    this.withoutSinceMs = undefined;
    const last = this.views.at(-1);
    if (last?.epoch === epoch && last.view === viewNumber) return;
    if (this.views.length >= VIEWS_MAX) this.views.shift();
    this.views.push({
      epoch,
      view: viewNumber,
      primary: memberOf(known.configuration, primary)?.nodeId ?? '',
      atMs: Date.now(),
      withoutPrimaryMs,
      reason: this.reason,
    });
  }

  /** Newest first. */
  list(): JsonObject[] {
    return this.views.toReversed().map(({ atMs, ...view }, place, all) => {
      const untilMs = all[place - 1]?.atMs ?? Date.now();
      return { ...view, at: new Date(atMs).toISOString(), lastedMs: untilMs - atMs };
    });
  }
}
