import {
  done,
  refused,
  type ApplyContext,
  type ByteString,
  type Outcome,
  type Plugin,
  type ReadContext,
  type Session,
  type StateMachine,
  type Tables,
} from '@lockstep/vr-core';
import { endSession, runTimer } from './hooks';
import { executeRequest } from './conditions/execute-request';
import { answerAt } from './history/answer-at';
import { recorded } from './history/recorded';
import type { Call } from './model/file-tree';
import { NO_VOLUME, Refusal } from './model/refusal';
import { fileTables, type FileTables } from './model/tables';
import { nearestFileTime } from './model/time';
import { volumeOf } from './volumes/define-volume';
import { findVolume } from './volumes/find-volume';
import { decodeFileQuery, decodeFileRequest, FORMAT_VERSION } from './wire/requests';
import { encodeFileAnswer, refusedResult, type FileAnswer } from './wire/outcomes';

export const FILES_SERVICE = 'files';

/** The file-metadata service: trees kept by the rules of POSIX. */
export function fileSystem(): Plugin {
  return {
    name: FILES_SERVICE,
    formatVersion: FORMAT_VERSION,
    uses: ['locks.isCurrent'],
    create: (tables) => new FileSystem(tables),
  };
}

class FileSystem implements StateMachine {
  private readonly tables: FileTables;

  constructor(tables: Tables) {
    this.tables = fileTables(tables);
  }

  validate(operation: Uint8Array): void {
    decodeFileRequest(operation);
  }

  apply(operation: Uint8Array, context: ApplyContext): Outcome {
    const request = decodeFileRequest(operation);
    const volume = volumeOf(this.tables, request);
    if (volume === undefined) return refused(encodeFileAnswer(NO_ANSWER));
    const session = sessionFor(request.session, context);
    if (session instanceof Refusal)
      return refused(encodeFileAnswer({ kind: 'one', result: refusedResult(session) }));
    const call: Call = {
      caller: request.caller,
      now: nearestFileTime(context.wallSeconds, context.wallNanos),
      opNumber: context.opNumber,
      session,
      context,
      opened: new Map(),
    };
    const { answer, stands } = recorded(this.tables, volume, context, (tree) =>
      executeRequest(tree, call, request),
    );
    const bytes = encodeFileAnswer(answer);
    return stands ? done(bytes) : refused(bytes);
  }

  onTimer(key: ByteString, context: ApplyContext): void {
    runTimer({ tables: this.tables, context }, key);
  }

  onSessionEnd(session: Session, context: ApplyContext): void {
    endSession({ tables: this.tables, context }, session);
  }

  read(query: Uint8Array, context: ReadContext): Outcome {
    const { volume: name, caller, at, op, session: id } = decodeFileQuery(query);
    const volume = findVolume(this.tables, name);
    if (volume === undefined) return refused(encodeFileAnswer(NO_ANSWER));
    const session = id === undefined ? undefined : context.sessions.find(id);
    const looking = { caller, session, opened: NOTHING_OPENED, context };
    const result = answerAt(this.tables, volume, looking, at, op);
    const bytes = encodeFileAnswer({ kind: 'one', result });
    return result.kind === 'refused' ? refused(bytes) : done(bytes);
  }
}

/** The session that a request says it is for, or the one that names it. (decision 30) */
function sessionFor(id: string | undefined, context: ApplyContext): Session | undefined | Refusal {
  if (id === undefined) return context.session;
  const session = context.sessions.find(id);
  if (session === undefined) return new Refusal('ESTALE', undefined, 'session-expired');
  if (session.principal === context.principal) return session;
  return new Refusal('EPERM', undefined, 'not-your-session');
}

/** A query follows no operation that might have opened something. */
const NOTHING_OPENED: ReadonlyMap<number, number> = new Map();

const NO_ANSWER: FileAnswer = { kind: 'one', result: refusedResult(NO_VOLUME) };
