import { faultsTolerated, type ReplicaView } from '@lockstep/vr-core';
import type { ReplicaConfig } from '../config/replica-config';
import type { JsonObject } from '../contract/json';
import { VERSION } from '../version';

export interface StatusSources {
  readonly config: ReplicaConfig;
  readonly view: () => ReplicaView;
  /** Peers with a handshaken connection, by replica-number. */
  readonly connected: () => readonly number[];
}

/** A backup that has not heard the primary for so long no longer says that it is ready. */
const SILENT_MS = 2_000;

/** The group as this replica sees it: for people, probes and clients that look for the primary. */
export class GroupStatus {
  stopping = false;
  private readonly sources: StatusSources;

  constructor(sources: StatusSources) {
    this.sources = sources;
  }

  /** Why this replica may not serve now; undefined when it may. */
  notReady(): string | undefined {
    if (this.stopping) return 'it is stopping';
    const { status, primary, replicaNumber, serving, lagMs } = this.sources.view();
    if (status !== 'normal') return `its status is ${status}`;
    if (primary === replicaNumber) return serving ? undefined : 'no quorum answers it';
    return lagMs > SILENT_MS ? `the primary was heard ${Math.round(lagMs)} ms ago` : undefined;
  }

  cluster(): JsonObject {
    const { identity, mode } = this.sources.config;
    const view = this.sources.view();
    const nodeIds = identity.members.map((member) => member.nodeId);
    return {
      groupId: identity.groupId,
      epoch: view.epochNumber,
      view: view.viewNumber,
      primary: nodeIds[view.primary],
      status: view.status,
      f: faultsTolerated({ epochNumber: view.epochNumber, nodeIds }),
      mode,
      incarnation: identity.generation,
      answeredBy: identity.nodeId,
      replicas: identity.members.map((member) => this.replica(member, view)),
    };
  }

  rendezvous(): JsonObject {
    const { identity } = this.sources.config;
    const { epochNumber, viewNumber, primary } = this.sources.view();
    return {
      groupId: identity.groupId,
      incarnation: identity.generation,
      epoch: epochNumber,
      view: viewNumber,
      primary: identity.members[primary]?.nodeId,
      replicas: identity.members.map(({ nodeId, replicaNumber, url }) => ({
        id: nodeId,
        replicaNumber,
        url,
      })),
    };
  }

  /** What this replica knows: all of itself, and of others as much as they have told it. */
  private replica(
    { nodeId, replicaNumber, url }: ReplicaConfig['identity']['members'][number],
    view: ReplicaView,
  ): JsonObject {
    const who = { id: nodeId, replicaNumber, role: 'active', url };
    if (replicaNumber === view.replicaNumber)
      return {
        ...who,
        status: view.status,
        serving: view.serving,
        op: `${view.opNumber}`,
        commit: `${view.commitNumber}`,
        executed: `${view.executedNumber}`,
        lagMs: Math.round(view.lagMs),
        version: VERSION,
      };
    const acknowledged = view.acknowledged[replicaNumber];
    return {
      ...who,
      status: this.sources.connected().includes(replicaNumber) ? 'connected' : 'unreachable',
      ...(acknowledged !== undefined && {
        op: `${acknowledged}`,
        lag: Math.max(0, view.opNumber - acknowledged),
      }),
    };
  }
}
