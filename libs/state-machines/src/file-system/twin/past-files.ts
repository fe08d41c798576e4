import {
  createStateStore,
  fnvHash,
  type ApplyContext,
  type ByteString,
  type ClusterMs,
  type OpNumber,
  type StateMachine,
} from '@lockstep/vr-core';
import type { FileTables } from '../model/tables';
import { fileTables } from '../model/tables';
import { UNTOUCHED_MAIN, type Volume } from '../model/volume';
import { fileSystem, FILES_SERVICE } from '../plugin';
import { findVolume, putVolume } from '../volumes/find-volume';
import type { FileMoment } from '../wire/arguments';
import type { FileOperation, FileQuery } from '../wire/operations';
import { decodeFileAnswer, type FileResult } from '../wire/outcomes';
import { encodeFileQuery, encodeFileRequest } from '../wire/requests';
import { PLAINLY } from './solo-files';

const CALLER = { uid: 0, gids: [0], umask: 0, cwd: 1 } as const;
const NOW: FileMoment = { kind: 'now' };

/** The main volume, with several requests in one op, which a solo cannot have. */
export class PastFiles {
  readonly tables: FileTables;
  op = 0;
  clusterMs = 0;
  private readonly store = createStateStore(fnvHash);
  private readonly machine: StateMachine;
  private readonly timers = new Map<ByteString, number>();

  constructor(settings: Partial<Volume> = {}) {
    const owned = this.store.tablesOf(FILES_SERVICE);
    this.machine = fileSystem().create(owned);
    this.tables = fileTables(owned);
    putVolume(this.tables, { ...UNTOUCHED_MAIN, ...settings });
  }

  get volume(): Volume {
    return findVolume(this.tables, 'main') as Volume;
  }

  /** The next op: requests of one or more operations each, of which the first that is refused ends its request. */
  execute(requests: readonly (readonly FileOperation[])[], ms = 1): void {
    this.op += 1;
    this.clusterMs += ms;
    for (const ops of requests) {
      const request = { kind: 'batch', volume: 'main', caller: CALLER, ...PLAINLY } as const;
      const bytes = encodeFileRequest({ ...request, ops, atomic: false });
      const savepoint = this.store.savepoint();
      if (this.machine.apply(bytes, this.context()).refused) savepoint.rollback();
      else savepoint.release();
    }
  }

  /** A request of another volume, in the op that was executed last. */
  besides(volume: string, op: FileOperation): FileResult {
    const request = { kind: 'one', volume, caller: CALLER, ...PLAINLY, op } as const;
    const { bytes } = this.machine.apply(encodeFileRequest(request), this.context());
    const answer = decodeFileAnswer(bytes);
    if (answer.kind !== 'one') throw new Error('one operation has one answer');
    return answer.result;
  }

  /** Time goes by, and what is due is done, each in an op of its own. */
  advance(ms: number): void {
    this.clusterMs += ms;
    for (;;) {
      const due = [...this.timers].find(([, atMs]) => atMs <= this.clusterMs);
      if (due === undefined) return;
      this.timers.delete(due[0]);
      this.op += 1;
      this.machine.onTimer?.(due[0], this.context());
    }
  }

  ask(op: FileQuery, at: FileMoment = NOW): FileResult {
    const query = encodeFileQuery({ volume: 'main', caller: CALLER, at, op, session: undefined });
    const answer = decodeFileAnswer(this.machine.read(query, this.context()).bytes);
    if (answer.kind !== 'one') throw new Error('a query has one answer');
    return answer.result;
  }

  private context(): ApplyContext {
    const { timers } = this;
    return {
      opNumber: this.op as OpNumber,
      clusterMs: this.clusterMs as ClusterMs,
      index: 0,
      wallSeconds: 1_700_000_000 + this.op,
      wallNanos: 0,
      session: undefined,
      principal: 'local',
      sessions: { find: () => undefined },
      timers: {
        set: (key, atMs) => void timers.set(key, atMs),
        cancel: (key) => void timers.delete(key),
      },
      events: { publish: () => undefined },
      port: () => () => new Uint8Array(0),
      savepoint: () => this.store.savepoint(),
      charge: () => 0,
    };
  }
}
