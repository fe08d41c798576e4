import { textOf, type JsonObject } from '../../apps/server/src/contract/json';
import { ROOT } from './actors';
import type { Actor, Operation } from './conformance-case';
import {
  momentsOf,
  type Observation,
  type ObservedEntry,
  type OperationOutcome,
} from './observation';
import type { Play, Scene } from './play';

/** One answer to one operation: its result, or the problem it met. */
export interface OperationAnswer {
  readonly result?: JsonObject;
  readonly problem?: JsonObject;
}

/** The service at one door: `POST /v1/fs/{volume}/ops`, or what stands for it. */
export interface FileService {
  post(caller: JsonObject, ops: readonly Operation[]): Promise<readonly OperationAnswer[]>;
}

/** Plays on the service, below a directory that is there for it alone, and tells what was seen. */
export async function playOnService(
  service: FileService,
  top: string,
  play: Play,
): Promise<Observation> {
  const stage = new ServiceStage(service, top);
  await stage.setUp(play);
  const directories = [];
  for (const { caller } of play.scenes) directories.push(await stage.directoryOf(caller));
  await stage.must(ROOT, play.late);
  const before = play.times ? await stage.look() : undefined;
  const scenes = [];
  for (const [at, scene] of play.scenes.entries())
    scenes.push(await stage.scene(scene, directories[at] ?? top));
  const after = await stage.look();
  const unchanged = JSON.stringify(before) === JSON.stringify(after);
  return { scenes, tree: shownAfter(before, after), unchanged };
}

interface Look {
  readonly entries: readonly (ObservedEntry & { readonly ino: string })[];
}

class ServiceStage {
  private readonly service: FileService;
  private readonly top: string;

  constructor(service: FileService, top: string) {
    this.service = service;
    this.top = top;
  }

  async setUp({ setup, setupBy }: Play): Promise<void> {
    const [gid] = setupBy.gids;
    if (setupBy.uid !== 0)
      await this.must(ROOT, [{ kind: 'chown', ino: this.top, uid: setupBy.uid, gid }]);
    await this.must(setupBy, setup);
  }

  /** A working directory is taken by who may go everywhere, as a shell of root's would before it drops its rights. */
  async directoryOf(caller: Actor): Promise<string> {
    if (caller.cwd === undefined) return this.top;
    const found = await this.one({ kind: 'stat', path: caller.cwd });
    return textOf(found['ino']);
  }

  async scene({ caller, ops }: Scene, cwd: string): Promise<OperationOutcome[]> {
    const answers = await this.service.post(callerOf(caller, cwd), ops);
    return answers.map((answer, at) => outcomeOf(answer, ops[at]?.kind ?? ''));
  }

  async must(by: Actor, ops: readonly Operation[]): Promise<void> {
    if (ops.length === 0) return;
    const answers = await this.service.post(callerOf(by, this.top), ops);
    const { problem } = answers.at(-1) ?? {};
    if (problem === undefined) return;
    const failed = JSON.stringify(ops[answers.length - 1]);
    throw new Error(`the setup fails: ${failed}: ${JSON.stringify(problem)}`);
  }

  async look(): Promise<Look> {
    const entries: (ObservedEntry & { readonly ino: string })[] = [];
    const first = new Map<string, string>();
    const draw = async (path: string, found: JsonObject): Promise<void> => {
      const ino = textOf(found['ino']);
      if (!first.has(ino)) first.set(ino, path);
      const target = found['type'] === 'symlink' ? await this.targetOf(ino) : null;
      entries.push({ ...entryOf(path, found, target), inode: first.get(ino) ?? path, ino });
      if (found['type'] !== 'dir') return;
      for (const [name, child] of await this.list(ino))
        await draw(path === '.' ? name : `${path}/${name}`, child);
    };
    await draw('.', await this.one({ kind: 'stat', ino: this.top }));
    return { entries };
  }

  private async targetOf(ino: string): Promise<string> {
    return bytesText(await this.one({ kind: 'readlink', ino }), 'target');
  }

  private async list(ino: string): Promise<[name: string, attributes: JsonObject][]> {
    const found = await this.one({ kind: 'readdir', ino, plus: true, limit: 10_000 });
    const entries = found['entries'] as readonly JsonObject[];
    return entries.map((entry) => [bytesText(entry, 'name'), entry['attributes'] as JsonObject]);
  }

  private async one(op: Operation): Promise<JsonObject> {
    const [answer] = await this.service.post(callerOf(ROOT, this.top), [op]);
    if (answer?.result === undefined) throw new Error(JSON.stringify([op, answer]));
    return answer.result;
  }
}

const callerOf = ({ uid, gids, umask }: Actor, cwd: string): JsonObject => ({
  uid,
  gids,
  umask,
  cwd,
});

/** As the oracle has names: text where it can be, marked where not. */
function bytesText(object: JsonObject, field: string): string {
  const base64 = object[`${field}Base64`];
  return base64 === undefined ? textOf(object[field]) : `base64:${textOf(base64)}`;
}

function entryOf(path: string, found: JsonObject, target: string | null): ObservedEntry {
  const times = ['atimeNs', 'mtimeNs', 'ctimeNs'].map((field) => textOf(found[field]));
  return { path, inode: path, ...attributesOf(found), target, times };
}

type ObservedAttributes = Omit<ObservedEntry, 'path' | 'inode' | 'target' | 'times'>;

function attributesOf(found: JsonObject): ObservedAttributes {
  const type = textOf(found['type']);
  const device = found['rdev'] as JsonObject;
  const hasDevice = type === 'char' || type === 'block';
  return {
    type,
    mode: Number(found['mode']),
    nlink: Number(found['nlink']),
    uid: Number(found['uid']),
    gid: Number(found['gid']),
    size: type === 'dir' ? null : Number(found['size']),
    rdev: hasDevice ? `${Number(device['major'])}:${Number(device['minor'])}` : null,
  };
}

/** What of an answer the machine's system calls tell as well. */
function outcomeOf({ result, problem }: OperationAnswer, kind: string): OperationOutcome {
  if (problem !== undefined) return { errno: textOf(problem['code']) };
  const found = result ?? {};
  switch (kind) {
    case 'stat':
      return { errno: 'ok', result: { ...attributesOf(found) } };
    case 'readlink':
      return { errno: 'ok', result: { target: bytesText(found, 'target') } };
    case 'readdir': {
      const entries = found['entries'] as readonly JsonObject[];
      return { errno: 'ok', result: { names: entries.map((each) => bytesText(each, 'name')) } };
    }
    case 'read':
      return { errno: 'ok', result: { dataBase64: found['dataBase64'] } };
    case 'getxattr':
      return { errno: 'ok', result: { valueBase64: found['valueBase64'] } };
    case 'listxattr':
      return { errno: 'ok', result: { names: found['names'] } };
    default:
      return { errno: 'ok' };
  }
}

/** The tree with the present as `now`, and, where it was looked at before, with what stayed as `=`. */
function shownAfter(before: Look | undefined, after: Look): ObservedEntry[] {
  const old = new Map(before?.entries.toReversed().map((entry) => [entry.ino, entry]));
  return after.entries.map(({ ino, ...entry }) => {
    const was = old.get(ino);
    const times = entry.times.map((time, at) => (time === was?.times[at] ? '=' : time));
    return { ...entry, inode: was?.path ?? entry.inode, times: momentsOf(times, entry.type) };
  });
}
