import type { ReplicaView, Status } from '@lockstep/vr-core';
import type { Meters } from './meters';
import type { Sample } from './sample';

const STATUSES: readonly Status[] = [
  'normal',
  'view-change',
  'recovering',
  'transitioning',
  'learner',
  'retired',
];

type Figure = readonly [
  name: string,
  help: string,
  read: (view: ReplicaView) => number | undefined,
];

const FIGURES: readonly Figure[] = [
  ['epoch', 'Epoch-number', (v) => v.epochNumber],
  ['view', 'View-number', (v) => v.viewNumber],
  ['op', 'Op-number of the log', (v) => v.opNumber],
  ['stored_op', 'Durable up to this op', (v) => v.storedNumber],
  ['commit_op', 'Commit-number', (v) => v.commitNumber],
  ['executed_op', 'Executed up to this op', (v) => v.executedNumber],
  ['base_op', 'The log is held from the op after this one', (v) => v.baseNumber],
  ['checkpoint_op', 'Op of the checkpoint in force', (v) => v.checkpoint?.opNumber],
  ['primary', 'Replica-number of the primary of the view', (v) => v.primary],
  ['serving', '1 at a primary that serves', (v) => Number(v.serving)],
  ['state_whole', '0 while the state is fetched from the group', (v) => Number(v.stateWhole)],
  ['transfer_bytes', 'What has come of a checkpoint being fetched', (v) => v.transfer?.bytes],
  ['witnesses_enlisted', '1 while witnesses stand in for an active', (v) => Number(v.enlisted)],
  ['primary_silence_seconds', 'Since the primary was heard', (v) => v.lagMs / 1000],
  [
    'cluster_clock_seconds',
    'The cluster clock, from the start of the group',
    (v) => v.clusterMs / 1000,
  ],
  ['lease_valid', '1 while this primary may answer reads alone', (v) => Number(v.lease.valid)],
  [
    'lease_left_seconds',
    'Until the lease ends',
    (v) => (v.lease.valid ? v.lease.leftMs / 1000 : 0),
  ],
  ['parked_requests', 'Requests that wait for an answer in the core', (v) => v.parked],
  ['queued_requests', 'Requests that wait for an entry at this primary', (v) => v.queued],
];

/** How the replica stands in its group: one look at it serves all of a scrape. */
export function meterReplica(meters: Meters, look: () => ReplicaView): void {
  for (const [name, help, read] of FIGURES)
    meters.gauge(`lockstep_${name}`, help, () => read(look()));
  meters.counter(
    'lockstep_internal_errors_total',
    'Operations in which a plug-in threw',
    () => look().internalErrors,
  );
  meters.gauges('lockstep_status', '1 for the status of this replica', ['status'], () => {
    const { status } = look();
    return STATUSES.map((each): Sample => [{ status: each }, Number(each === status)]);
  });
  meters.gauges(
    'lockstep_lease_refused',
    '1 for the reason why this replica holds no lease',
    ['reason'],
    () => {
      const { lease } = look();
      return lease.valid ? [] : [[{ reason: lease.refused }, 1]];
    },
  );
  meters.gauges(
    'lockstep_acknowledged_op',
    'At the primary: what each replica has acknowledged in this view',
    ['replica'],
    () =>
      look().acknowledged.map((each): Sample => [{ replica: each.replicaNumber }, each.opNumber]),
  );
}
