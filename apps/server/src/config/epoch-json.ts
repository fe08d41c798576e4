import type {
  ByteString,
  Configuration,
  Epoch,
  EpochNumber,
  Member,
  OpNumber,
  ReplicaNumber,
} from '@lockstep/vr-core';
import { GROUP_SIZE_MAX } from './group-size';
import type { JsonObject } from '../contract/json';
import type { JsonReader } from './json-reader';

/** An epoch as identity files and `/.well-known/lockstep` spell it. */
export interface EpochJson extends ConfigurationJson {
  /** The op that the epoch's log begins after, and the hash of its entry in hexadecimal. */
  readonly startOp: number;
  readonly startHash: string;
  /** The group of the epoch before; null in epoch 0. */
  readonly previous: ConfigurationJson | null;
}

export interface ConfigurationJson extends JsonObject {
  readonly epoch: number;
  readonly replicas: readonly MemberJson[];
  /** Where the numbers of new replicas begin. */
  readonly nextReplicaNumber: number;
}

export interface MemberJson extends JsonObject {
  readonly id: string;
  readonly replicaNumber: number;
  readonly role: 'active' | 'witness';
  readonly peerUrl: string;
  readonly clientUrl: string;
}

export function epochJson({ configuration, previous, startOp, startHash }: Epoch): EpochJson {
  return {
    ...configurationJson(configuration),
    startOp,
    startHash: Buffer.from(startHash, 'latin1').toString('hex'),
    previous: previous === undefined ? null : configurationJson(previous),
  };
}

function configurationJson({ epochNumber: epoch, members, nextReplicaNumber }: Configuration) {
  return { epoch, replicas: members.map(memberJson), nextReplicaNumber };
}

export function memberJson(member: Member): MemberJson {
  const { nodeId, replicaNumber: number, role, peerUrl, clientUrl } = member;
  return { id: nodeId, replicaNumber: number, role, peerUrl, clientUrl };
}

/** Throws what the reader throws. */
export function readEpoch(json: unknown, read: JsonReader): Epoch {
  const fields = read.record(json, 'epoch');
  const { previous } = fields;
  return {
    configuration: readConfiguration(fields, read),
    previous:
      previous === null
        ? undefined
        : readConfiguration(read.record(previous, 'epoch.previous'), read),
    startOp: read.counter(fields['startOp'], 'epoch.startOp') as OpNumber,
    startHash: read.hex(fields['startHash'], 'epoch.startHash').toString('latin1') as ByteString,
  };
}

function readConfiguration(
  fields: Readonly<Record<string, unknown>>,
  read: JsonReader,
): Configuration {
  const members = read.list(fields['replicas'], 'epoch.replicas', GROUP_SIZE_MAX);
  return {
    epochNumber: read.counter(fields['epoch'], 'epoch.epoch') as EpochNumber,
    members: members.map((member, place) => readMember(member, `epoch.replicas[${place}]`, read)),
    nextReplicaNumber: read.counter(
      fields['nextReplicaNumber'],
      'epoch.nextReplicaNumber',
    ) as ReplicaNumber,
  };
}

function readMember(json: unknown, name: string, read: JsonReader): Member {
  const fields = read.record(json, name);
  return {
    nodeId: read.text(fields['id'], `${name}.id`),
    replicaNumber: read.counter(fields['replicaNumber'], `${name}.replicaNumber`) as ReplicaNumber,
    role: read.word(fields['role'], `${name}.role`, ['active', 'witness']),
    peerUrl: read.url(fields['peerUrl'], `${name}.peerUrl`),
    clientUrl: read.url(fields['clientUrl'], `${name}.clientUrl`),
  };
}
