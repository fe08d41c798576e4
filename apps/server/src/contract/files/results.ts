import {
  decodeFileAnswer,
  type Attributes,
  type FileAnswer,
  type FileResult,
  type Volume,
} from '@lockstep/state-machines';
import type { ByteString } from '@lockstep/vr-core';
import { isObject, type JsonObject, type JsonValue } from '../json';
import { bytesField } from '../path-bytes';
import { Problem } from '../problem';
import { ok, present, remainingMs, type Moment, type Result } from '../service-contract';
import { attributesBody } from './attributes-body';
import { changeBody } from './change-body';
import { RULES_IN_WORDS } from './rules-in-words';

/** What became of a request, in JSON. Throws `Problem` when one operation was refused. */
export function showFileAnswer(bytes: Uint8Array, asked: JsonObject, moment: Moment): Result {
  const answer = decodeFileAnswer(bytes);
  if (answer.kind === 'one') return ok(resultBody(answer.result, asked, moment));
  return ok(manyBody(answer, asked, moment));
}

function manyBody(
  answer: Exclude<FileAnswer, { kind: 'one' }>,
  asked: JsonObject,
  moment: Moment,
): JsonObject {
  const [first] = answer.results;
  // A guard that does not hold ends what has no `else`.
  if (first?.kind === 'unmet') throw unmet(first);
  const ops = operationsOf(answer, asked);
  const results = answer.results.map((result, at) => tried(result, ops[at], moment));
  switch (answer.kind) {
    case 'batch':
      return asked['atomic'] === true ? { done: isDone(answer), results } : { results };
    case 'txn':
      return { succeeded: answer.succeeded, done: isDone(answer), results };
    case 'dry':
      return {
        dryRun: true,
        succeeded: answer.succeeded,
        results,
        changes: answer.changes.map(changeBody),
      };
  }
}

/** False when one was refused, and so nothing of all stands. */
const isDone = ({ results }: { readonly results: readonly FileResult[] }): boolean =>
  results.every(({ kind }) => kind !== 'refused');

function operationsOf(
  answer: Exclude<FileAnswer, { kind: 'one' }>,
  asked: JsonObject,
): readonly JsonValue[] {
  const { kind, ops } = asked;
  if (kind === 'batch') return (ops ?? []) as readonly JsonValue[];
  if (kind !== 'txn') return [asked];
  const branch = 'succeeded' in answer && answer.succeeded ? asked['then'] : asked['else'];
  return (branch ?? []) as readonly JsonValue[];
}

function tried(result: FileResult, op: JsonValue | undefined, moment: Moment): JsonObject {
  try {
    return { result: resultBody(result, isObject(op) ? op : {}, moment) };
  } catch (fault) {
    if (fault instanceof Problem) return { problem: fault.toBody() };
    throw fault;
  }
}

function resultBody(result: FileResult, op: JsonObject, moment: Moment): JsonObject {
  switch (result.kind) {
    case 'nothing':
      return {};
    case 'attributes':
      return attributesBody(result.attributes);
    case 'created':
      return { ...bytesField('name', result.name), ...attributesBody(result.attributes) };
    case 'opened':
      return { handle: `${result.handle}`, attributes: attributesBody(result.attributes) };
    case 'target':
      return bytesField('target', result.target);
    case 'listing':
      return listingBody(result);
    case 'data':
      return { dataBase64: base64(result.data) };
    case 'value':
      return { valueBase64: base64(result.value) };
    case 'names':
      return { names: result.names.map((name) => namedOrBase64('name', name)) };
    case 'acl':
      return { access: result.access, default: result.default };
    case 'quota': {
      const { inodesMax, bytesMax, usage } = result;
      return { inodes: inodesMax, bytes: bytesMax, usage };
    }
    case 'summary': {
      const { files, directories, bytes } = result;
      return { files, directories, bytes };
    }
    case 'chunks':
      return present({
        chunks: result.chunks.map(({ index, data }) => ({ index, dataBase64: base64(data) })),
        next: result.next,
      });
    case 'paths':
      return { paths: result.paths.map((path) => namedOrBase64('path', path)) };
    case 'locks':
      return { locks: result.locks };
    case 'unmet':
      throw unmet(result);
    case 'refused': {
      const { code, component, rule } = result;
      if (rule === 'session-expired' || rule === 'not-your-session') throw new Problem(rule);
      throw new Problem(code, rule && RULES_IN_WORDS[rule], {
        ...shown(op),
        ...bytesField('component', component),
        ...(rule && { rule }),
      });
    }
    default:
      return volumeResultBody(result, moment);
  }
}

type VolumeResult = ResultOf<'trash' | 'snapshots' | 'diff' | 'statfs' | 'volume' | 'volumes'>;

/** Of what a volume has as a whole. */
function volumeResultBody(result: VolumeResult, moment: Moment): JsonObject {
  switch (result.kind) {
    case 'trash':
      return present({
        entries: result.entries.map((entry) => trashBody(entry, moment)),
        next: result.next,
      });
    case 'snapshots':
      return present({
        snapshots: result.snapshots.map(({ name, op: at, atMs, usage }) => ({
          name,
          op: `${at}`,
          ageMs: Math.max(0, moment.clusterMs - atMs),
          usage,
        })),
        next: result.next,
      });
    case 'diff':
      return present({
        differences: result.differences.map(differenceBody),
        next: result.next === undefined ? undefined : `${result.next}`,
      });
    case 'statfs': {
      const { volume, inodes, bytes, purging } = result;
      return { ...volumeBody(volume), inodes, bytes, purging };
    }
    case 'volume':
      return volumeBody(result.volume);
    case 'volumes':
      return present({ volumes: result.volumes.map(volumeBody), next: result.next });
  }
}

type ResultOf<K extends FileResult['kind']> = Extract<FileResult, { kind: K }>;

function unmet({ guard, attributes }: ResultOf<'unmet'>): Problem {
  return new Problem('guard-failed', undefined, {
    guard,
    ...(attributes && { attributes: attributesBody(attributes) }),
  });
}

const listingBody = ({ entries, next }: ResultOf<'listing'>): JsonObject => ({
  entries: entries.map(({ name, ino, type, attributes }) => ({
    ...bytesField('name', name),
    ino: `${ino}`,
    type,
    ...(attributes && { attributes: attributesBody(attributes) }),
  })),
  ...bytesField('next', next),
});

function trashBody(entry: ResultOf<'trash'>['entries'][number], moment: Moment): JsonObject {
  const { id, path, attributes, atMs, untilMs, uid } = entry;
  return present({
    id,
    ...bytesField('path', path),
    uid,
    ageMs: Math.max(0, moment.clusterMs - atMs),
    expiresInMs: untilMs === 0 ? undefined : remainingMs(untilMs, moment),
    attributes: attributesBody(attributes),
  });
}

type Difference = ResultOf<'diff'>['differences'][number];

/** `change`: what a person would call it; `before` and `after` say it all. */
function differenceBody({ ino, before, after }: Difference): JsonObject {
  return present({
    ino: `${ino}`,
    change: changeOf(before, after),
    before: sideBody(before),
    after: sideBody(after),
  });
}

type Side = Difference['before'];

function changeOf(before: Side, after: Side): string {
  if (before === undefined) return 'created';
  if (after === undefined) return 'removed';
  const moved = before.paths.join('\0') !== after.paths.join('\0');
  if (!moved) return 'changed';
  return sameState(before.attributes, after.attributes) ? 'moved' : 'moved-and-changed';
}

const sameState = (before: Attributes, after: Attributes): boolean =>
  before.contentGen === after.contentGen &&
  before.mode === after.mode &&
  before.uid === after.uid &&
  before.gid === after.gid;

const sideBody = (side: Side): JsonObject | undefined =>
  side && {
    paths: side.paths.map((path) => namedOrBase64('path', path)),
    attributes: attributesBody(side.attributes),
  };

const volumeBody = ({ id: _, root, trash: __, ...settings }: Volume): JsonObject => ({
  ...settings,
  root: `${root}`,
});

/** Text where it is text, or else `{nameBase64}`. */
function namedOrBase64(name: string, bytes: ByteString): JsonValue {
  const field = bytesField(name, bytes);
  return field[name] ?? field;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const SHOWN = ['path', 'pathBase64', 'ino', 'handle', 'from', 'fromBase64', 'to', 'toBase64'];

/** What the operation was about, so that a problem in a log says so. */
function shown(op: JsonObject): JsonObject {
  return Object.fromEntries(SHOWN.filter((name) => name in op).map((name) => [name, op[name]]));
}
