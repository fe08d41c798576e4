import type { ReplicaView } from '@lockstep/vr-core';
import type { Moment } from './service-contract';

/** What an answer is shown with, looked up only when it is asked for: most answers need none of it. */
export class ViewMoment implements Moment {
  readonly generation: number;
  private readonly view: () => ReplicaView;
  private readonly seenMs: number | undefined;

  /** `seenMs`: the cluster clock of the state that was read, in place of this replica's own. (decision 37) */
  constructor(view: () => ReplicaView, generation: number, seenMs?: number) {
    this.view = view;
    this.generation = generation;
    this.seenMs = seenMs;
  }

  get clusterMs(): number {
    return this.seenMs ?? this.view().clusterMs;
  }

  get epochNumber(): number {
    return this.view().epochNumber;
  }

  get viewNumber(): number {
    return this.view().viewNumber;
  }

  at(clusterMs: number): Moment {
    return new ViewMoment(this.view, this.generation, clusterMs);
  }
}
