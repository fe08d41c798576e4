import {
  createSolo,
  utf8Encode,
  type ByteString,
  type Solo,
  type SubmitOptions,
} from '@lockstep/vr-core';
import { lockManager } from '../../lock-manager/plugin';
import type { Attributes } from '../model/attributes';
import type { Caller } from '../model/file-tree';
import { ROOT_INO } from '../model/inode';
import { fileSystem, FILES_SERVICE } from '../plugin';
import { MAIN_VOLUME } from '../model/volume';
import type { FileMoment, FileObject, TimeArgument } from '../wire/arguments';
import { isQuery, type FileOperation } from '../wire/operations';
import { decodeFileAnswer, type FileAnswer, type FileResult } from '../wire/outcomes';
import {
  encodeFileQuery,
  encodeFileRequest,
  type FileQueryRequest,
  type FileRequest,
} from '../wire/requests';

/** What `create` and `mkdir` are asked for when nothing special is. */
export const PLAIN = { sequential: false, life: { kind: 'permanent' } } as const;
export const PLAIN_DIRECTORY = { ...PLAIN, parents: false } as const;

/** A request that asks for nothing but its operations. */
export const PLAINLY = { guards: [], dryRun: false } as const;

const ROOT: Caller = { uid: 0, gids: [0], umask: 0, cwd: ROOT_INO };

/** A path or a name as the bytes of its UTF-8. */
export const bytesOf = (text: string): ByteString => utf8Encode(text);

/** What a path in a test stands for: the inode at its end, links followed. */
export const at = (path: string, follow = true): FileObject => ({
  kind: 'path',
  path: bytesOf(path),
  follow,
});

/** The file system in a group of one, as its plug-in sees operations, with everything encoded on the way. */
export class SoloFiles {
  readonly solo: Solo;

  constructor(solo: Solo = createSolo([lockManager(), fileSystem()])) {
    this.solo = solo;
  }

  /** Root at `/`, or whoever is said. */
  process(caller: Partial<Caller> = {}): SoloProcess {
    return new SoloProcess(this, { ...ROOT, ...caller });
  }

  submit(
    request: FileRequest,
    options: SubmitOptions = {},
  ): { readonly answer: FileAnswer; readonly refused: boolean } {
    const answer = this.solo.submit(FILES_SERVICE, encodeFileRequest(request), options);
    if (answer.kind !== 'outcome') throw new Error(`no outcome: ${answer.code}`);
    return { answer: decodeFileAnswer(answer.bytes), refused: answer.refused };
  }

  query(request: FileQueryRequest): FileAnswer {
    return decodeFileAnswer(this.solo.read(FILES_SERVICE, encodeFileQuery(request)).bytes);
  }

  digest(): ByteString {
    return this.solo.digest('files');
  }
}

/** System calls of one caller. Each answers `ok` or the errno, except those that answer what was asked. */
export class SoloProcess {
  readonly files: SoloFiles;
  readonly caller: Caller;
  /** The volume its operations are about. */
  volume = MAIN_VOLUME;
  /** The state its queries are about. */
  at: FileMoment = { kind: 'now' };
  /** By which session its requests are named. */
  options: SubmitOptions = {};

  constructor(files: SoloFiles, caller: Caller) {
    this.files = files;
    this.caller = caller;
  }

  run(op: FileOperation): FileResult {
    const answer = isQuery(op) ? this.files.query({ ...this.asking, op }) : this.change(op);
    if (answer.kind !== 'one') throw new Error('one operation has one result');
    return answer.result;
  }

  private get asking(): Omit<FileQueryRequest, 'op'> {
    const { volume, caller, at, options } = this;
    return { volume, caller, at, session: options.session };
  }

  change(op: FileOperation): FileAnswer {
    const { caller, volume } = this;
    const request = { kind: 'one', volume, caller, ...PLAINLY, op } as const;
    return this.files.submit(request, this.options).answer;
  }

  call(op: FileOperation): string {
    const result = this.run(op);
    return result.kind === 'refused' ? result.code : 'ok';
  }

  create(path: string, mode = 0o644, exclusive = true): string {
    return this.call({
      kind: 'create',
      path: bytesOf(path),
      mode,
      exclusive,
      ...PLAIN,
    });
  }

  mkdir(path: string, mode = 0o755): string {
    return this.call({
      kind: 'mkdir',
      path: bytesOf(path),
      mode,
      ...PLAIN_DIRECTORY,
    });
  }

  mknod(
    path: string,
    type: 'file' | 'fifo' | 'socket' | 'char' | 'block',
    mode = 0o644,
    rdev = { major: 0, minor: 0 },
  ): string {
    return this.call({ kind: 'mknod', path: bytesOf(path), type, mode, rdev });
  }

  symlink(target: string, path: string): string {
    return this.call({ kind: 'symlink', path: bytesOf(path), target: bytesOf(target) });
  }

  link(from: string, to: string, follow = false): string {
    return this.call({ kind: 'link', from: bytesOf(from), to: bytesOf(to), follow });
  }

  unlink(path: string): string {
    return this.call({ kind: 'unlink', path: bytesOf(path) });
  }

  rmdir(path: string): string {
    return this.call({ kind: 'rmdir', path: bytesOf(path) });
  }

  rename(from: string, to: string, flag?: 'noreplace' | 'exchange'): string {
    return this.call({
      kind: 'rename',
      from: bytesOf(from),
      to: bytesOf(to),
      noreplace: flag === 'noreplace',
      exchange: flag === 'exchange',
      whiteout: false,
    });
  }

  chmod(path: string, mode: number, follow = true): string {
    return this.call({ kind: 'chmod', object: at(path, follow), mode });
  }

  /** -1 leaves, as in C. */
  chown(path: string, uid: number, gid: number, follow = true): string {
    return this.call({
      kind: 'chown',
      object: at(path, follow),
      uid: uid < 0 ? undefined : uid,
      gid: gid < 0 ? undefined : gid,
    });
  }

  utimens(path: string, atime: TimeArgument, mtime: TimeArgument, follow = true): string {
    return this.call({ kind: 'utimens', object: at(path, follow), atime, mtime });
  }

  truncate(path: string, size: number): string {
    return this.call({ kind: 'truncate', object: at(path), size: BigInt(size) });
  }

  stat(path: string, follow = true): Attributes | string {
    const result = this.run({ kind: 'stat', object: at(path, follow) });
    if (result.kind === 'refused') return result.code;
    if (result.kind !== 'attributes') throw new Error('stat gives attributes');
    return result.attributes;
  }

  /** Attributes of what is there. */
  attributes(path: string, follow = false): Attributes {
    const found = this.stat(path, follow);
    if (typeof found === 'string') throw new Error(`${path}: ${found}`);
    return found;
  }

  readlink(path: string): string {
    const result = this.run({ kind: 'readlink', object: at(path, false) });
    if (result.kind === 'refused') return result.code;
    if (result.kind !== 'target') throw new Error('readlink gives a target');
    return result.target;
  }

  /** All names, or the errno alone. */
  names(path: string): readonly string[] {
    const result = this.run({
      kind: 'readdir',
      object: at(path),
      after: undefined,
      limit: 10_000,
      plus: false,
    });
    if (result.kind === 'refused') return [result.code];
    if (result.kind !== 'listing') throw new Error('readdir gives a listing');
    return result.entries.map(({ name }) => name);
  }
}
