import {
  done,
  refused,
  type ApplyContext,
  type Outcome,
  type Plugin,
  type ReadContext,
  type StateMachine,
  type Tables,
} from '@lockstep/vr-core';
import { execute } from './execute';
import { FileTree, type Call } from './file-tree';
import { decodeFileQuery, decodeFileRequest, FORMAT_VERSION, type FileRequest } from './operations';
import { encodeFileAnswer, refusedResult, settled, type FileResult } from './outcomes';
import { answerQuery } from './queries';
import { Refusal } from './refusal';
import { nearestFileTime } from './time';

/** The volume that exists from the start. */
export const MAIN_VOLUME = 'main';

/** The file-metadata service: one tree, kept by the rules of POSIX as Linux reads them. */
export function fileSystem(): Plugin {
  return {
    name: 'files',
    formatVersion: FORMAT_VERSION,
    create: (tables) => new FileSystem(tables),
  };
}

class FileSystem implements StateMachine {
  private readonly tree: FileTree;

  constructor(tables: Tables) {
    this.tree = new FileTree(tables);
  }

  validate(operation: Uint8Array): void {
    decodeFileRequest(operation);
  }

  apply(operation: Uint8Array, context: ApplyContext): Outcome {
    const request = decodeFileRequest(operation);
    if (request.volume !== MAIN_VOLUME) return outcomeOf(NO_VOLUME);
    const call: Call = {
      caller: request.caller,
      now: nearestFileTime(context.wallSeconds, context.wallNanos),
      opNumber: context.opNumber,
    };
    if (request.kind === 'one') return outcomeOf(execute(this.tree, call, request.op));
    return this.applyBatch(request, call, context);
  }

  read(query: Uint8Array, _context: ReadContext): Outcome {
    const { volume, caller, op } = decodeFileQuery(query);
    if (volume !== MAIN_VOLUME) return outcomeOf(NO_VOLUME);
    return outcomeOf(answerQuery(this.tree, caller, op));
  }

  /** In order, until one is refused; each undone alone, or, when the batch is atomic, all of them by the core. */
  private applyBatch(
    batch: Extract<FileRequest, { kind: 'batch' }>,
    call: Call,
    context: ApplyContext,
  ): Outcome {
    const results: FileResult[] = [];
    let failed = false;
    for (const op of batch.ops) {
      const savepoint = context.savepoint();
      const result = execute(this.tree, call, op);
      failed = result.kind === 'refused';
      if (failed) savepoint.rollback();
      else savepoint.release();
      results.push(settled(result));
      if (failed) break;
    }
    const bytes = encodeFileAnswer({ kind: 'batch', results });
    return failed && batch.atomic ? refused(bytes) : done(bytes);
  }
}

const NO_VOLUME = refusedResult(new Refusal('ENOENT', undefined, 'no-volume'));

function outcomeOf(result: FileResult): Outcome {
  const bytes = encodeFileAnswer({ kind: 'one', result });
  return result.kind === 'refused' ? refused(bytes) : done(bytes);
}
