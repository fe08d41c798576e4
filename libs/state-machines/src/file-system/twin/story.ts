import { createSolo, type ContractStep, type SessionId } from '@lockstep/vr-core';
import { encodeLockOperation, type LockOperation } from '../../lock-manager/operations';
import { decodeLockOutcome } from '../../lock-manager/outcomes';
import { LOCKS_SERVICE, lockManager } from '../../lock-manager/plugin';
import { fenceIn } from '../../lock-manager/twin/solo-locks';
import { ROOT_INO } from '../model/inode';
import { FILES_SERVICE, fileSystem } from '../plugin';
import type { FileOperation, FileQuery } from '../wire/operations';
import { decodeFileAnswer, isRefused, type FileAnswer, type FileResult } from '../wire/outcomes';
import { encodeFileQuery, encodeFileRequest, type FileRequest, type Guard } from '../wire/requests';
import { PLAINLY } from './solo-files';

const CALLER = { uid: 0, gids: [0], umask: 0o022, cwd: ROOT_INO } as const;
const NO_SESSION = '0-0' as SessionId;

/**
 * Steps for `checkPlugin`, each of them done here as soon as it is told: so that later ones can speak of handles and
 * fences that earlier ones gave. Op-numbers are those of the check, which has another entry before each operation.
 */
export class Story {
  readonly steps: ContractStep[] = [];
  /** Kinds of which one at least was not refused. */
  readonly done = new Set<string>();
  volume = 'main';
  private readonly solo = createSolo([lockManager(), fileSystem()]);
  private readonly sessions: readonly SessionId[];

  constructor(sessionCount: number) {
    this.sessions = Array.from({ length: sessionCount }, () => this.solo.openSession());
  }

  readonly one = (op: FileOperation, session?: number): FileResult => {
    const answer = this.submit({ kind: 'one', ...this.envelope, ...PLAINLY, op }, [op], session);
    if (answer.kind !== 'one') throw new Error('one operation has one result');
    return answer.result;
  };

  /** The number of the handle. */
  opened(op: FileOperation, session: number): number {
    const result = this.one(op, session);
    if (result.kind !== 'opened') throw new Error(`not opened: ${JSON.stringify(result)}`);
    return result.handle;
  }

  batch(ops: readonly FileOperation[], atomic: boolean, session?: number): void {
    this.submit({ kind: 'batch', ...this.envelope, ...PLAINLY, ops, atomic }, ops, session);
  }

  guarded(guards: readonly Guard[], op: FileOperation): void {
    this.submit({ kind: 'one', ...this.envelope, ...PLAINLY, guards, op }, [op]);
  }

  dry(op: FileOperation, session?: number): void {
    const request = { kind: 'one', ...this.envelope, ...PLAINLY, dryRun: true, op } as const;
    this.submit(request, [op], session);
  }

  txn(
    guards: readonly Guard[],
    then: readonly FileOperation[],
    otherwise: readonly FileOperation[],
    session?: number,
  ): void {
    const branches = { then, else: otherwise };
    const request = { kind: 'txn', ...this.envelope, ...PLAINLY, guards, ...branches } as const;
    this.submit(request, [], session);
  }

  /** A lock of the lock manager; gives its fence. */
  lock(lock: string, session: number): bigint {
    const items = [{ lock, mode: 'exclusive', permits: 1, limit: undefined }] as const;
    const asked = { request: `lock ${lock}`, session: this.sessionAt(session), owner: '', items };
    const outcome = this.lockManagerDoes({
      ...{ kind: 'acquire', ...asked, waitMs: 0, note: undefined, priority: 0 },
      ...{ maxHoldMs: undefined, minHoldMs: undefined, claimMs: undefined, victim: 'requester' },
    });
    return fenceIn(outcome);
  }

  unlock(lock: string, session: number): void {
    const of = { session: this.sessionAt(session), owner: '', lock };
    this.lockManagerDoes({ kind: 'release', ...of, fence: undefined, value: undefined });
  }

  /** The id of what was put into the trash first. */
  trashId(): string {
    const result = this.ask({ kind: 'listtrash', after: undefined, limit: 1 });
    if (result.kind !== 'trash') throw new Error('the trash is listed');
    return result.entries[0]?.id ?? 'none';
  }

  query(op: FileQuery): Uint8Array {
    const [session] = this.sessions;
    return encodeFileQuery({ ...this.envelope, at: { kind: 'now' }, op, session });
  }

  step(step: ContractStep): void {
    this.steps.push(step);
    if (step.kind === 'advance') this.solo.advance(step.ms);
    if (step.kind === 'keepalive') this.solo.keepalive(this.sessionAt(step.session));
    if (step.kind === 'close-session') this.solo.closeSession(this.sessionAt(step.session));
    if (step.kind === 'new-view') this.solo.newView();
  }

  private get envelope() {
    return { volume: this.volume, caller: CALLER };
  }

  private submit(
    request: FileRequest,
    ops: readonly FileOperation[],
    session?: number,
  ): FileAnswer {
    const bytes = this.enter(FILES_SERVICE, encodeFileRequest(request), session);
    const answer = decodeFileAnswer(bytes);
    const results = answer.kind === 'one' ? [answer.result] : answer.results;
    ops.forEach(({ kind }, place) => {
      const result = results[place];
      if (result !== undefined && !isRefused(result)) this.done.add(kind);
    });
    return answer;
  }

  private lockManagerDoes(operation: LockOperation) {
    return decodeLockOutcome(this.enter(LOCKS_SERVICE, encodeLockOperation(operation)));
  }

  private enter(service: string, operation: Uint8Array, session?: number): Uint8Array {
    const named = session === undefined ? {} : { session };
    const of = service === FILES_SERVICE ? {} : { service };
    this.steps.push({ kind: 'operation', operation, ...named, ...of });
    const options = session === undefined ? {} : { session: this.sessionAt(session) };
    this.solo.closeSession(NO_SESSION, options);
    const answer = this.solo.submit(service, operation, options);
    if (answer.kind !== 'outcome') throw new Error(`no outcome: ${answer.code}`);
    return answer.bytes;
  }

  private ask(op: FileQuery): FileResult {
    const answer = decodeFileAnswer(this.solo.read(FILES_SERVICE, this.query(op)).bytes);
    if (answer.kind !== 'one') throw new Error('a query has one answer');
    return answer.result;
  }

  private sessionAt(place: number): SessionId {
    return this.sessions[place] as SessionId;
  }
}
