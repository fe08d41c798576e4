import {
  faultsTolerated,
  GROUP_VERSIONS,
  memberOf,
  quorumOf,
  type Member,
  type ReplicaNumber,
  type ReplicaView,
} from '@lockstep/vr-core';
import { epochJson, memberJson } from '../config/epoch-json';
import type { ReplicaConfig } from '../config/replica-config';
import { roleOf, type ReplicaRole } from '../config/replica-role';
import { isObject, textOf, type JsonObject } from '../contract/json';
import type { SequencerKey } from '../contract/sequencer-key';
import { present } from '../contract/service-contract';
import { VERSION } from '../version';
import type { OtherDoors } from './other-doors';
import { signRendezvous } from './rendezvous';

export interface StatusSources {
  readonly config: ReplicaConfig;
  /** Whose public half tells genuine sequencers from others. */
  readonly sequencers: SequencerKey;
  readonly view: () => ReplicaView;
  /** Peers with a handshaken connection, by replica-number. */
  readonly connected: () => readonly number[];
  /** Milliseconds since a peer's last frame. */
  readonly silenceMs: (peer: ReplicaNumber) => number | undefined;
  /** Nodes that have a number and are no members, as far as this replica has executed. */
  readonly joiners: () => readonly Member[];
  readonly doors: OtherDoors;
  /** The version that the group works at, as far as this replica has executed. */
  readonly groupVersion: () => number;
}

/** A backup that has not heard the primary for so long no longer says that it is ready. */
const SILENT_MS = 2_000;
/** A replica that hangs keeps nobody waiting for its part of the picture. */
const ASK_MS = 500;

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
    const view = this.sources.view();
    const { status, primary, replicaNumber, serving, lagMs } = view;
    if (roleOf(view) === 'witness') return 'it is a witness, which takes no clients';
    if (status !== 'normal') return `its status is ${status}`;
    if (primary === replicaNumber) return serving ? undefined : 'no quorum answers it';
    return lagMs > SILENT_MS ? `the primary was heard ${Math.round(lagMs)} ms ago` : undefined;
  }

  /** What only this replica knows: itself. */
  own(): JsonObject {
    const { config, view: look } = this.sources;
    const { identity } = config;
    const view = look();
    const member = memberOf(view.epoch.configuration, view.replicaNumber);
    return present({
      id: identity.nodeId,
      replicaNumber: view.replicaNumber,
      role: roleOf(view),
      peerUrl: member?.peerUrl ?? identity.url,
      clientUrl: member?.clientUrl ?? identity.url,
      url: member?.clientUrl ?? identity.url,
      status: view.status,
      serving: view.serving,
      lease: view.lease.valid ? 'valid' : view.lease.refused,
      epoch: view.epochNumber,
      view: view.viewNumber,
      op: `${view.opNumber}`,
      commit: `${view.commitNumber}`,
      executed: `${view.executedNumber}`,
      checkpoint: view.checkpoint === undefined ? null : `${view.checkpoint.opNumber}`,
      stateWhole: view.stateWhole,
      transfer: view.transfer && {
        op: `${view.transfer.opNumber}`,
        blocks: view.transfer.blocks,
        bytes: view.transfer.bytes,
      },
      reconfiguration: progressJson(view),
      lagMs: Math.round(view.lagMs),
      version: VERSION,
      groupVersion: this.sources.groupVersion(),
      groupVersions: GROUP_VERSIONS,
    });
  }

  /** The whole group: what this replica knows, and what each of the others says of itself. */
  async cluster(): Promise<JsonObject> {
    const { config, view: look } = this.sources;
    const { identity, mode } = config;
    const { origin } = identity;
    const view = look();
    const { configuration } = view.epoch;
    const replicas = await this.replicas(view);
    return present({
      groupId: identity.groupId,
      epoch: view.epochNumber,
      view: view.viewNumber,
      primary: memberOf(configuration, view.primary)?.nodeId,
      status: view.status,
      f: faultsTolerated(configuration),
      quorum: quorumOf(configuration),
      mode,
      incarnation: identity.generation,
      origin: origin && { ...origin, op: `${origin.op}` },
      answeredBy: identity.nodeId,
      replicas,
    });
  }

  /**
   * CHECKEPOCH: what replaced replicas hold is needed no more once enough of the present epoch's group works in it. Who
   * has heard of that is right for ever. (VRR §7.3; decision 40)
   */
  checkEpoch(): JsonObject {
    const { epochNumber, reconfiguration } = this.sources.view();
    const { phase, members, mayRetire } = reconfiguration;
    return {
      epoch: epochNumber,
      isStarted: phase === 'done',
      started: members.filter(({ started }) => started).map(({ nodeId }) => nodeId),
      mayBeStopped: mayRetire,
    };
  }

  /** Members whose program does not know a version of the group, or that do not say: by id. (ADR 22) */
  async behind(version: number): Promise<string[]> {
    const replicas = await this.replicas(this.sources.view());
    return replicas
      .filter(({ role }) => role === 'active' || role === 'witness')
      .filter(({ groupVersions: known }) => !isObject(known) || Number(known['highest']) < version)
      .map(({ id }) => textOf(id));
  }

  /** Where the group is, for clients and those who would join. */
  rendezvous(): JsonObject {
    const { identity, mode, secret } = this.sources.config;
    const { groupId, generation } = identity;
    const { epoch, epochNumber, viewNumber, primary } = this.sources.view();
    const { members } = epoch.configuration;
    return {
      groupId,
      incarnation: generation,
      mode,
      epoch: epochNumber,
      view: viewNumber,
      primary: memberOf(epoch.configuration, primary)?.nodeId,
      replicas: members.map((member) => ({ ...memberJson(member), url: member.clientUrl })),
      configuration: epochJson(epoch),
      sequencerKey: sequencerKeyJson(this.sources.sequencers),
      signature: signRendezvous(secret, { groupId, generation, epoch }).toString('hex'),
    };
  }

  private async replicas(view: ReplicaView): Promise<JsonObject[]> {
    const found = await Promise.all(
      this.everybody(view).map((who) => this.replica(who.member, who.role, view)),
    );
    const known = found.filter((replica) => replica !== undefined);
    const newestOp = Math.max(...known.map(({ op }) => Number(textOf(op))));
    return known.map((replica) =>
      replica['op'] === undefined
        ? replica
        : { ...replica, lag: newestOp - Number(textOf(replica['op'])) },
    );
  }

  /** Members, those whom they have replaced, and those who would join. */
  private everybody(view: ReplicaView): { member: Member; role: ReplicaRole }[] {
    const { configuration, previous } = view.epoch;
    const seen = new Set(configuration.members.map(({ nodeId }) => nodeId));
    const replaced = (previous?.members ?? []).filter(({ nodeId }) => !seen.has(nodeId));
    const joiners = this.sources.joiners().filter(({ nodeId }) => !seen.has(nodeId));
    return [
      ...configuration.members.map((member) => ({ member, role: member.role })),
      ...replaced.map((member) => ({ member, role: 'retiring' as const })),
      ...joiners.map((member) => ({ member, role: 'joining' as const })),
    ];
  }

  /** Undefined for one that has been replaced and does not answer: it is gone. */
  private async replica(
    member: Member,
    role: ReplicaRole,
    view: ReplicaView,
  ): Promise<JsonObject | undefined> {
    if (member.replicaNumber === view.replicaNumber) return this.own();
    const { doors, silenceMs } = this.sources;
    const said = await doors.ask(member.clientUrl, '/v1/cluster/replica', { timeoutMs: ASK_MS });
    const silence = silenceMs(member.replicaNumber);
    const lastHeardMs = silence === undefined ? undefined : Math.round(silence);
    if (said?.status === 200 && said.body['id'] === member.nodeId)
      return present({ ...said.body, lastHeardMs });
    if (role === 'retiring') return undefined;
    return present({
      ...memberJson(member),
      role,
      url: member.clientUrl,
      ...this.hearsay(member.replicaNumber, view),
      lastHeardMs,
    });
  }

  private hearsay(number: ReplicaNumber, view: ReplicaView): JsonObject {
    const acknowledged = view.acknowledged.find(({ replicaNumber }) => replicaNumber === number);
    return {
      status: this.sources.connected().includes(number) ? 'connected' : 'unreachable',
      ...(acknowledged !== undefined && { op: `${acknowledged.opNumber}` }),
    };
  }
}

function sequencerKeyJson(sequencers: SequencerKey): JsonObject {
  const { jwk, pem } = sequencers.published();
  return { jwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, pem };
}

/** How far the change of the group has come, as this replica sees it; undefined while there has been none. */
function progressJson({ reconfiguration }: ReplicaView): JsonObject | undefined {
  const { phase, members } = reconfiguration;
  if (members.length === 0) return undefined;
  return {
    phase,
    replicas: members.map(({ nodeId, opNumber, warm, started }) =>
      present({ id: nodeId, op: opNumber && `${opNumber}`, warm, started }),
    ),
  };
}
