import {
  ENTRY_FORMAT_VERSION,
  toByteString,
  type ByteString,
  type Checkpoint,
  type Epoch,
  type LogPlace,
  type OpNumber,
} from '@lockstep/vr-core';
import { epochJson, readEpoch } from '../config/epoch-json';
import { JsonReader } from '../config/json-reader';
import type { JsonObject } from '../contract/json';
import { isObject } from '../contract/json';
import { PAGE_FORMAT_VERSION } from '../storage/page-row';
import type { DurabilityMode } from '../storage/replica-storage';
import { DamagedBackup } from './damaged-backup';

/** What one part of a backup says of itself. The first has a state and the log behind it, the others more of the log. */
export interface BackupHeader {
  readonly groupId: string;
  readonly generation: number;
  /** The newest that the replica knew. */
  readonly epoch: Epoch;
  readonly mode: DurabilityMode;
  /** Node id of the replica that gave it. */
  readonly replica: string;
  /** Of the server. */
  readonly version: string;
  /** Services in their order, with the versions of their formats. */
  readonly services: readonly string[];
  /** What the pages are; undefined in later parts, and where a group had no checkpoint yet. */
  readonly checkpoint: Checkpoint | undefined;
  /** The entries are those after this place ... */
  readonly after: LogPlace;
  /** ... up to this one: the state at any op between the two can be had. */
  readonly through: LogPlace;
  /** By the clock of the replica's machine: ISO 8601, UTC. */
  readonly takenAt: string;
}

const FORMAT_VERSION = 1;

export function encodeHeader(header: BackupHeader): Buffer {
  const { epoch, checkpoint, after, through, ...rest } = header;
  const json = {
    formatVersion: FORMAT_VERSION,
    entryFormat: ENTRY_FORMAT_VERSION,
    pageFormat: PAGE_FORMAT_VERSION,
    ...rest,
    epoch: epochJson(epoch),
    checkpoint: checkpoint === undefined ? null : checkpointJson(checkpoint),
    after: placeJson(after),
    through: placeJson(through),
  };
  return Buffer.from(JSON.stringify(json));
}

/** Throws `DamagedBackup`; one of another version is told by name. */
export function decodeHeader(body: Buffer): BackupHeader {
  const read = new JsonReader((name) => new DamagedBackup(`its header is wrong: ${name}`));
  const json = read.record(parse(body), 'JSON');
  expectFormats(json);
  const { checkpoint } = json;
  return {
    groupId: read.text(json['groupId'], 'groupId'),
    generation: read.counter(json['generation'], 'generation'),
    epoch: readEpoch(json['epoch'], read),
    mode: read.word(json['mode'], 'mode', ['durable', 'replicated']),
    replica: read.text(json['replica'], 'replica'),
    version: read.text(json['version'], 'version'),
    services: read
      .list(json['services'], 'services', 64)
      .map((service) => read.text(service, 'services')),
    checkpoint: checkpoint === null ? undefined : readCheckpoint(checkpoint, read),
    after: readPlace(json['after'], 'after', read),
    through: readPlace(json['through'], 'through', read),
    takenAt: read.text(json['takenAt'], 'takenAt'),
  };
}

function expectFormats(json: Readonly<Record<string, unknown>>): void {
  const known = {
    formatVersion: FORMAT_VERSION,
    entryFormat: ENTRY_FORMAT_VERSION,
    pageFormat: PAGE_FORMAT_VERSION,
  };
  for (const [name, version] of Object.entries(known))
    if (json[name] !== version)
      throw new DamagedBackup(
        `it was written by another version: ${name} ${String(json[name])}, here it is ${version}`,
      );
}

function parse(body: Buffer): unknown {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

const hexOf = (bytes: ByteString): string => Buffer.from(bytes, 'latin1').toString('hex');

const placeJson = ({ opNumber, hash }: LogPlace): JsonObject => ({
  op: opNumber,
  hash: hexOf(hash),
});

const checkpointJson = ({ opNumber, headHash, stateRoot, id }: Checkpoint): JsonObject => ({
  op: opNumber,
  headHash: hexOf(headHash),
  stateRoot: hexOf(stateRoot),
  id: hexOf(id),
});

function readPlace(json: unknown, name: string, read: JsonReader): LogPlace {
  const fields = read.record(json, name);
  return {
    opNumber: read.counter(fields['op'], `${name}.op`) as OpNumber,
    hash: toByteString(read.hex(fields['hash'], `${name}.hash`)),
  };
}

function readCheckpoint(json: unknown, read: JsonReader): Checkpoint {
  const fields = read.record(json, 'checkpoint');
  const hex = (name: string) => toByteString(read.hex(fields[name], `checkpoint.${name}`));
  return {
    opNumber: read.counter(fields['op'], 'checkpoint.op') as OpNumber,
    headHash: hex('headHash'),
    stateRoot: hex('stateRoot'),
    id: hex('id'),
  };
}
