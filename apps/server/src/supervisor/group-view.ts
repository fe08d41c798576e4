import type { ReplicaReport } from '../config/supervision';

type State = Extract<ReplicaReport, { kind: 'state' }>;

/** Who is primary, put together from what each replica says of itself. */
export class GroupView {
  private readonly states = new Map<number, State>();
  primary: number | undefined;
  epoch: number | undefined;
  view: number | undefined;

  /** True when there is another primary now, or another view of the same. */
  update(replica: number, state: State): boolean {
    this.states.set(replica, state);
    return this.choose();
  }

  /** True when it was the primary. */
  forget(replica: number): boolean {
    this.states.delete(replica);
    return this.choose();
  }

  /** Of those that say they serve, the one of the latest view is: an older one has not heard of its end yet. */
  private choose(): boolean {
    let latest: { readonly replica: number; readonly state: State } | undefined;
    for (const [replica, state] of this.states)
      if (state.serving && (latest === undefined || isLater(state, latest.state)))
        latest = { replica, state };
    const changed =
      latest?.replica !== this.primary ||
      (latest !== undefined &&
        (latest.state.view !== this.view || latest.state.epoch !== this.epoch));
    this.primary = latest?.replica;
    if (latest !== undefined) {
      this.epoch = latest.state.epoch;
      this.view = latest.state.view;
    }
    return changed;
  }
}

function isLater(a: State, b: State): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.view > b.view);
}
