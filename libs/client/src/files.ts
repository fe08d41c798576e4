import { readAttributes, type Attributes, type InodeType } from './attributes';
import { ProblemError } from './errors';
import type { Reply } from './exchange';
import { readName, showName, type PathLike } from './file-name';
import {
  fileOperation,
  objectFields,
  type FileObject,
  type FileTime,
  type FollowOption,
} from './file-operations';
import { FsError, isErrno } from './fs-error';
import type { Operation, Problem } from './protocol';
import type { CallOptions, ReadOptions, Requester } from './requester';

const SERVICE = 'files';
const PAGE = 1000;

/** Who acts. Believed while authentication is off. */
export interface Caller {
  readonly uid: number;
  readonly gids: readonly number[];
  /** Default 0o022. */
  readonly umask?: number;
}

export interface DirectoryEntry {
  readonly name: PathLike;
  readonly ino: bigint;
  readonly type: InodeType;
  /** With `plus`. */
  readonly attributes?: Attributes;
}

export interface Listing {
  readonly entries: readonly DirectoryEntry[];
  /** Give it as `after` to go on; undefined at the end. */
  readonly next: PathLike | undefined;
}

export interface ListOptions extends ReadOptions {
  readonly after?: PathLike;
  /** Entries at most; default 1,000. */
  readonly limit?: number;
  /** With the attributes of every entry. */
  readonly plus?: boolean;
}

/** What became of one operation of a batch. Those after the first that failed were not tried, and are not there. */
export type BatchResult =
  | { readonly ok: true; readonly attributes: Attributes | undefined }
  | { readonly ok: false; readonly error: FsError };

/** The volume `main`. Everything rejects with `FsError` for what POSIX refuses, and as every request does. */
export class Files {
  readonly #requester: Requester;
  readonly #caller: Caller | undefined;

  constructor(requester: Requester, caller?: Caller) {
    this.#requester = requester;
    this.#caller = caller;
  }

  /** The same files, with the rights of somebody else. */
  as(caller: Caller): Files {
    return new Files(this.#requester, caller);
  }

  async stat(object: FileObject, options: FollowOption & ReadOptions = {}): Promise<Attributes> {
    const { follow, ...read } = options;
    const query = fileOperation.stat(object, follow === undefined ? {} : { follow });
    return readAttributes((await this.#read(query, object, read)).result);
  }

  async readlink(object: FileObject, options: ReadOptions = {}): Promise<PathLike> {
    const { result } = await this.#read(fileOperation.readlink(object), object, options);
    return readName(result as Record<string, unknown>, 'target');
  }

  /** One page of a directory, in bytewise order. */
  async readdir(object: FileObject, options: ListOptions = {}): Promise<Listing> {
    const { after, limit = PAGE, plus = false, ...read } = options;
    const from = after === undefined ? {} : rename(objectFields(after), 'path', 'after');
    const query = { kind: 'readdir', ...objectFields(object), ...from, limit, plus };
    const { result } = await this.#read(query, object, read);
    return readListing(result as WireListing);
  }

  /** Every entry of a directory, page by page. What changes meanwhile may or may not be seen. */
  async *entries(object: FileObject, options: ListOptions = {}): AsyncGenerator<DirectoryEntry> {
    let { after } = options;
    do {
      const page = { ...options, ...(after === undefined ? {} : { after }) };
      const listing = await this.readdir(object, page);
      yield* listing.entries;
      after = listing.next;
    } while (after !== undefined);
  }

  create(
    path: PathLike,
    options: { mode?: number; exclusive?: boolean } = {},
    call?: CallOptions,
  ): Promise<Attributes> {
    return this.#make(fileOperation.create(path, options), path, call);
  }

  mkdir(path: PathLike, options: { mode?: number } = {}, call?: CallOptions): Promise<Attributes> {
    return this.#make(fileOperation.mkdir(path, options), path, call);
  }

  mknod(
    path: PathLike,
    type: 'file' | 'fifo' | 'socket' | 'char' | 'block',
    options: { mode?: number; rdev?: { major: number; minor: number } } = {},
    call?: CallOptions,
  ): Promise<Attributes> {
    return this.#make(fileOperation.mknod(path, type, options), path, call);
  }

  symlink(target: PathLike, path: PathLike, call?: CallOptions): Promise<Attributes> {
    return this.#make(fileOperation.symlink(target, path), path, call);
  }

  link(
    from: PathLike,
    to: PathLike,
    options: FollowOption = {},
    call?: CallOptions,
  ): Promise<Attributes> {
    return this.#make(fileOperation.link(from, to, options), from, call);
  }

  async unlink(path: PathLike, call?: CallOptions): Promise<void> {
    await this.#change(fileOperation.unlink(path), path, call);
  }

  async rmdir(path: PathLike, call?: CallOptions): Promise<void> {
    await this.#change(fileOperation.rmdir(path), path, call);
  }

  async rename(
    from: PathLike,
    to: PathLike,
    options: { flags?: readonly ('noreplace' | 'exchange')[] } = {},
    call?: CallOptions,
  ): Promise<void> {
    await this.#change(fileOperation.rename(from, to, options), from, call);
  }

  chmod(
    object: FileObject,
    mode: number,
    options: FollowOption = {},
    call?: CallOptions,
  ): Promise<Attributes> {
    return this.#make(fileOperation.chmod(object, mode, options), object, call);
  }

  chown(
    object: FileObject,
    ids: { uid?: number; gid?: number },
    options: FollowOption = {},
    call?: CallOptions,
  ): Promise<Attributes> {
    const { uid = -1, gid = -1 } = ids;
    return this.#make(fileOperation.chown(object, uid, gid, options), object, call);
  }

  utimens(
    object: FileObject,
    times: { atime?: FileTime; mtime?: FileTime },
    options: FollowOption = {},
    call?: CallOptions,
  ): Promise<Attributes> {
    const { atime = 'omit', mtime = 'omit' } = times;
    return this.#make(fileOperation.utimens(object, atime, mtime, options), object, call);
  }

  truncate(object: FileObject, size: number, call?: CallOptions): Promise<Attributes> {
    return this.#make(fileOperation.truncate(object, size), object, call);
  }

  /**
   * Many operations (`fileOperation`) in one request, in order, up to the first that fails; at most 1,000. With
   * `atomic`, one that fails undoes those before it.
   */
  async batch(
    ops: readonly Operation[],
    options: CallOptions & { readonly atomic?: boolean } = {},
  ): Promise<BatchResult[]> {
    const { atomic = false, ...call } = options;
    const op = this.#withCaller({ kind: 'batch', ops, atomic });
    const { result } = await this.#requester.mutate(SERVICE, op, call);
    const { results } = result as { results: readonly WireBatchResult[] };
    return results.map((each, at) => readBatchResult(each, ops[at]));
  }

  async #make(op: Operation, object: FileObject, call: CallOptions = {}): Promise<Attributes> {
    return readAttributes((await this.#change(op, object, call)).result);
  }

  async #change(op: Operation, object: FileObject, call: CallOptions = {}): Promise<Reply> {
    try {
      return await this.#requester.mutate(SERVICE, this.#withCaller(op), call);
    } catch (error) {
      throw asFsError(error, op.kind, object);
    }
  }

  async #read(query: Operation, object: FileObject, options: ReadOptions): Promise<Reply> {
    try {
      return await this.#requester.read(SERVICE, this.#withCaller(query), options);
    } catch (error) {
      throw asFsError(error, query.kind, object);
    }
  }

  #withCaller(op: Operation): Operation {
    return this.#caller === undefined ? op : { ...op, caller: this.#caller };
  }
}

interface WireListing {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly next?: string;
  readonly nextBase64?: string;
}

interface WireBatchResult {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly problem?: Problem;
}

function readListing(listing: WireListing): Listing {
  const { entries, next, nextBase64 } = listing;
  const atEnd = next === undefined && nextBase64 === undefined;
  return {
    entries: entries.map((entry) => ({
      name: readName(entry, 'name'),
      ino: BigInt(entry['ino'] as string),
      type: entry['type'] as InodeType,
      ...(entry['attributes'] === undefined
        ? {}
        : { attributes: readAttributes(entry['attributes']) }),
    })),
    next: atEnd ? undefined : readName({ next, nextBase64 }, 'next'),
  };
}

function readBatchResult(each: WireBatchResult, op: Operation | undefined): BatchResult {
  if (each.problem !== undefined) {
    const path = op?.['path'] ?? op?.['from'];
    const shown = typeof path === 'string' ? path : undefined;
    return { ok: false, error: new FsError(each.problem, op?.kind ?? 'batch', shown) };
  }
  const { result } = each;
  const attributes = result?.['ino'] === undefined ? undefined : readAttributes(result);
  return { ok: true, attributes };
}

function asFsError(error: unknown, syscall: string, object: FileObject): unknown {
  if (!(error instanceof ProblemError) || !isErrno(error.code)) return error;
  const path = typeof object === 'object' && 'ino' in object ? undefined : showName(object);
  return new FsError(error.problem, syscall, path);
}

const rename = (
  fields: Readonly<Record<string, string>>,
  from: string,
  to: string,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field.replace(from, to), value]),
  );
