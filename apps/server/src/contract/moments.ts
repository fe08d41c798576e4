import type { ReplicaView } from '@lockstep/vr-core';
import { plainSequencer, type Grant, type Sequencer } from './sequencer';
import type { SequencerKey } from './sequencer-key';
import type { Moment } from './service-contract';

/** What shows answers at one replica. */
export interface Showing {
  readonly view: () => ReplicaView;
  /** The group's. (decision 6) */
  readonly generation: number;
  readonly sequencers: SequencerKey;
}

/** What an answer is shown with, looked up only when it is asked for: most answers need none of it. */
export class ViewMoment implements Moment {
  private readonly showing: Showing;
  private readonly signs: boolean;
  private readonly seenMs: number | undefined;

  /** `seenMs`: the cluster clock of the state that was read, in place of this replica's own. (decision 37) */
  constructor(showing: Showing, signs: boolean, seenMs?: number) {
    this.showing = showing;
    this.signs = signs;
    this.seenMs = seenMs;
  }

  get generation(): number {
    return this.showing.generation;
  }

  get clusterMs(): number {
    return this.seenMs ?? this.showing.view().clusterMs;
  }

  get epochNumber(): number {
    return this.showing.view().epochNumber;
  }

  get viewNumber(): number {
    return this.showing.view().viewNumber;
  }

  sequencerOf(grant: Grant): string {
    return this.signs
      ? this.showing.sequencers.sequencerOf(grant, this.generation)
      : plainSequencer(grant);
  }

  isGenuine(sequencer: Sequencer): boolean {
    return this.showing.sequencers.isGenuine(sequencer);
  }

  at(clusterMs: number): Moment {
    return new ViewMoment(this.showing, this.signs, clusterMs);
  }
}
