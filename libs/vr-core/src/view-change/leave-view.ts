import type { Now } from '../boundary/input';
import { incarnation } from '../numbers/numbers';
import { Acknowledgements } from '../state/acknowledgements';
import { ClockRates } from '../clock/clock-rates';
import { voidLease } from '../reads/lease';
import type { ReplicaState } from '../state/replica-state';

/** Everything that was gathered in a view ends with it: counted messages of an older view must never meet. (E15) */
export function leaveView(state: ReplicaState, now: Now): void {
  leavePrimary(state);
  leaveBackup(state);
  const { viewChange } = state;
  viewChange.received.fill(undefined);
  viewChange.own = undefined;
  viewChange.installation = undefined;
  viewChange.enteredAtMs = now.monotonicMs;
  viewChange.sentAtMs = now.monotonicMs;
}

function leavePrimary(state: ReplicaState): void {
  const { primary } = state;
  primary.acknowledgements = new Acknowledgements(state.epoch.configuration, state.self);
  primary.sentAtMs = [];
  primary.beat = 0;
  primary.inTouch = false;
  primary.queue = [];
  primary.inFlight = new Map();
  primary.tickOp = undefined;
  primary.touchQueue = [];
  primary.touchesInTick = [];
  primary.questions = [];
  state.reconfiguration.waiting = undefined;
  voidLease(state);
  state.leases.rates = new ClockRates();
  state.leases.wait = undefined;
  state.checkpointing.told = [];
}

function leaveBackup(state: ReplicaState): void {
  const { backup } = state;
  backup.silentMs = 0;
  backup.abdicated = false;
  backup.primaryIncarnation = incarnation(0);
  backup.seenBeat = 0;
  backup.transfer = undefined;
}
