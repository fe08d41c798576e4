import { execute } from '../execute';
import { closeUnowned } from '../handles/close';
import type { Call, FileTree } from '../model/file-tree';
import type { FileOperation } from '../wire/operations';
import { isRefused, settled, type FileAnswer, type FileResult } from '../wire/outcomes';
import type { FileRequest } from '../wire/requests';
import { rehearsal } from './dry-run';
import { failedGuard } from './guards';

/** The answer to a request, and whether what it has done is to stay. */
interface Executed {
  readonly answer: FileAnswer;
  readonly stands: boolean;
}

/** What became of the operations of a request. */
interface Results {
  readonly results: readonly FileResult[];
  readonly stands: boolean;
  /** Of a transaction: its guards held. Of the rest: nothing was turned down. */
  readonly succeeded: boolean;
}

/** Executes one request of the log. What it has done and is not to stay is undone by the core. (decision 12) */
export function executeRequest(tree: FileTree, call: Call, request: FileRequest): Executed {
  if (request.dryRun) return rehearse(tree, call, request);
  const { results, stands, succeeded } = resultsOf(tree, call, request);
  if (call.session === undefined && call.opened.size > 0) closeUnowned(tree);
  if (request.kind === 'batch') return { answer: { kind: 'batch', results }, stands };
  if (request.kind === 'txn') return { answer: { kind: 'txn', succeeded, results }, stands };
  return { answer: { kind: 'one', result: results[0] as FileResult }, stands };
}

/** Nothing of a dry run stands, and its answer tells what would have. */
function rehearse(tree: FileTree, call: Call, request: FileRequest): Executed {
  const { context, changes } = rehearsal(call.context);
  const { results, stands, succeeded } = resultsOf(tree, { ...call, context }, request);
  const answer: FileAnswer = {
    kind: 'dry',
    kindOf: request.kind,
    succeeded,
    results,
    changes: stands ? changes() : [],
  };
  return { answer, stands: false };
}

function resultsOf(tree: FileTree, call: Call, request: FileRequest): Results {
  const failed = failedGuard(tree, call, request.guards);
  if (failed?.kind === 'refused') return turnedDown([failed]);
  if (request.kind === 'txn') {
    const succeeded = failed === undefined;
    const done = executeInOrder(tree, call, succeeded ? request.then : request.else);
    return { results: done.results, stands: !done.failed, succeeded };
  }
  if (failed !== undefined) return turnedDown([failed]);
  if (request.kind === 'one') {
    const result = execute(tree, call, request.op);
    if (result.kind === 'opened') call.opened.set(0, result.handle);
    const isDone = !isRefused(result);
    return { results: [result], stands: isDone, succeeded: isDone };
  }
  const done = executeInOrder(tree, call, request.ops);
  return {
    results: done.results,
    stands: !(done.failed && request.atomic),
    succeeded: !done.failed,
  };
}

const turnedDown = (results: readonly FileResult[]): Results => ({
  results,
  stands: false,
  succeeded: false,
});

/** Until one is refused, which alone is undone. */
function executeInOrder(
  tree: FileTree,
  call: Call,
  ops: readonly FileOperation[],
): { readonly results: readonly FileResult[]; readonly failed: boolean } {
  const results: FileResult[] = [];
  for (const [at, op] of ops.entries()) {
    const savepoint = call.context.savepoint();
    const result = settled(execute(tree, call, op));
    results.push(result);
    if (isRefused(result)) {
      savepoint.rollback();
      return { results, failed: true };
    }
    savepoint.release();
    if (result.kind === 'opened') call.opened.set(at, result.handle);
  }
  return { results, failed: false };
}
