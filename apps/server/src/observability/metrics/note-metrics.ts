import type { Note } from '@lockstep/vr-core';
import { LabelCounts, WordCounts } from './label-counts';
import type { Meters } from './meters';

/** Why a view is left is a sentence of a few; what should ever be more of them than this is counted together. */
const REASONS_MAX = 32;

/** How the core says that a quorum has come to another state than this replica. (libs/vr-core, checkpoint/diverge) */
const DIVERGENCE = /^the state after op \d+ is not the group's/;

/** What the core notes, counted: each word is of a closed list. */
export class NoteMetrics {
  private readonly ignored = new LabelCounts('message', 'reason');
  private readonly events = new WordCounts('event');
  private readonly viewChanges = new WordCounts('reason');
  private readonly reasons = new Set<string>();
  private alarms = 0;
  private divergences = 0;

  constructor(meters: Meters) {
    meters.counters(
      'lockstep_ignored_messages_total',
      'Messages that were not processed, by reason',
      ['message', 'reason'],
      () => this.ignored.samples(),
    );
    meters.counters(
      'lockstep_protocol_events_total',
      'Steps of the protocol, by kind',
      ['event'],
      () => this.events.samples(),
    );
    meters.counters(
      'lockstep_view_changes_total',
      'View changes this replica took part in, by what it gave as the reason; # stands for a number',
      ['reason'],
      () => this.viewChanges.samples(),
    );
    meters.counter(
      'lockstep_alarms_total',
      'Things somebody should look at: see the log',
      () => this.alarms,
    );
    meters.counter(
      'lockstep_state_divergences_total',
      "How often the state here had another digest than the group's",
      () => this.divergences,
    );
  }

  /** `{ message, reason, count }`, the most frequent first. */
  ignoredMessages(): Record<string, unknown>[] {
    const counted = [...this.ignored.samples()].map(([labels, count = 0]) => ({
      ...labels,
      count,
    }));
    return counted.sort((a, b) => b.count - a.count);
  }

  add(note: Note): void {
    switch (note.kind) {
      case 'protocol':
        this.events.add(note.event);
        if (note.event === 'view-change') this.viewChanges.add(this.reasonOf(note.text));
        break;
      case 'ignored':
        this.ignored.add(note.what, note.reason);
        break;
      case 'alarm':
        this.alarms += 1;
        if (DIVERGENCE.test(note.text)) this.divergences += 1;
        break;
    }
  }

  /** `to view 4 of replica 1: follows replica 2` → `follows replica #` */
  private reasonOf(text: string): string {
    const reason = text.slice(text.indexOf(': ') + 2).replace(/\d+/g, '#');
    if (!this.reasons.has(reason) && this.reasons.size >= REASONS_MAX) return 'other';
    this.reasons.add(reason);
    return reason;
  }
}
