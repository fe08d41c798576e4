import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { epochJson, readEpoch } from './epoch-json';
import { JsonReader } from './json-reader';
import { ConfigError, type GroupOrigin, type ReplicaIdentity } from './replica-config';

export const IDENTITY_FILE = 'identity.json';
export const IDENTITY_FORMAT_VERSION = 2;

export function identityJson(identity: ReplicaIdentity): string {
  const file = {
    formatVersion: IDENTITY_FORMAT_VERSION,
    ...identity,
    epoch: epochJson(identity.epoch),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Throws `ConfigError` when the file is missing or not what `identityJson` writes. */
export async function readIdentity(folder: string): Promise<ReplicaIdentity> {
  const path = join(folder, IDENTITY_FILE);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (fault) {
    throw new ConfigError(
      'data',
      `${path} cannot be read (${String(fault)}): give the folder of one replica of a group (DIR/replica-0)`,
    );
  }
  return checkIdentity(json, path);
}

function checkIdentity(json: unknown, path: string): ReplicaIdentity {
  const wrong = (name: string) =>
    new ConfigError('data', `${path} is not an identity: ${name} is wrong`);
  const read = new JsonReader(wrong);
  const file = read.record(json, '{}');
  if (file['formatVersion'] !== IDENTITY_FORMAT_VERSION)
    throw new ConfigError(
      'data',
      `${path} has format ${JSON.stringify(file['formatVersion'])}, and this program knows ${IDENTITY_FORMAT_VERSION}: start the version that wrote it`,
    );
  const identity: ReplicaIdentity = {
    groupId: read.text(file['groupId'], 'groupId'),
    nodeId: read.text(file['nodeId'], 'nodeId'),
    replicaNumber: read.counter(file['replicaNumber'], 'replicaNumber'),
    generation: read.counter(file['generation'], 'generation'),
    mode: read.word(file['mode'], 'mode', ['durable', 'replicated']),
    url: read.url(file['url'], 'url'),
    epoch: readEpoch(file['epoch'], read),
    addresses: readAddresses(file['addresses'], read),
    origin: readOrigin(file['origin'], read),
  };
  const { configuration } = identity.epoch;
  const own = configuration.members.find(
    ({ replicaNumber }) => replicaNumber === identity.replicaNumber,
  );
  // A joiner is no member yet; its number is above all that members have had.
  const fits =
    own === undefined
      ? identity.replicaNumber >= configuration.nextReplicaNumber
      : own.nodeId === identity.nodeId;
  if (configuration.members.length === 0) throw wrong('epoch.replicas');
  if (!fits) throw wrong('replicaNumber');
  return identity;
}

function readOrigin(json: unknown, read: JsonReader): GroupOrigin | undefined {
  if (json === undefined) return undefined;
  const fields = read.record(json, 'origin');
  return {
    kind: read.word(fields['kind'], 'origin.kind', ['restored', 'recovered']),
    groupId: read.text(fields['groupId'], 'origin.groupId'),
    generation: read.counter(fields['generation'], 'origin.generation'),
    op: read.counter(fields['op'], 'origin.op'),
    at: read.text(fields['at'], 'origin.at'),
    source: read.text(fields['source'], 'origin.source'),
  };
}

function readAddresses(json: unknown, read: JsonReader): Readonly<Record<string, string>> {
  const entries = Object.entries(read.record(json, 'addresses'));
  return Object.fromEntries(
    entries.map(([nodeId, url]) => [nodeId, read.url(url, `addresses.${nodeId}`)]),
  );
}
