import { execute } from '../execute';
import type { Call, FileTree } from '../model/file-tree';
import type { FileOperation } from '../wire/operations';
import { isRefused, settled, type FileAnswer, type FileResult } from '../wire/outcomes';
import type { FileRequest } from '../wire/requests';

/** The answer to a request, and whether what it has done is to stay. */
export interface Executed {
  readonly answer: FileAnswer;
  readonly stands: boolean;
}

/** Executes one request of the log. What it has done and is not to stay is undone by the core. (decision 12) */
export function executeRequest(tree: FileTree, call: Call, request: FileRequest): Executed {
  switch (request.kind) {
    case 'one': {
      const result = execute(tree, call, request.op);
      return { answer: { kind: 'one', result }, stands: !isRefused(result) };
    }
    case 'batch': {
      const { results, failed } = executeInOrder(tree, call, request.ops);
      return { answer: { kind: 'batch', results }, stands: !(failed && request.atomic) };
    }
    case 'txn': {
      const { results, failed } = executeInOrder(tree, call, request.then);
      return { answer: { kind: 'txn', succeeded: true, results }, stands: !failed };
    }
  }
}

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
