import { CoreUnderTest } from './core-under-test';
import { wordsOf } from './event-words';
import { GroupMoves } from './group-moves';
import type { Move } from './local-state';
import { LocalStates } from './local-states';
import type { World } from './world';

/**
 * Goes the way of a recorded trace again, by its words: the rule that is broken at its end, or undefined when it leads
 * nowhere any more. Words that fit several messages are tried with each of them.
 */
export function retell(root: string, world: World, trace: readonly string[]): string | undefined {
  const locals = new LocalStates(world, new CoreUnderTest(root, world));
  const groupMoves = new GroupMoves(world, locals);
  groupMoves.begin();
  return follow(groupMoves, locals, groupMoves.row.slice(), trace);
}

function follow(
  groupMoves: GroupMoves,
  locals: LocalStates,
  row: Int32Array,
  [words, ...rest]: readonly string[],
): string | undefined {
  if (words === undefined) return undefined;
  for (const { move, cost } of meant(groupMoves, locals, row, words)) {
    groupMoves.leave(row);
    const rule = groupMoves.broken(move);
    if (rule !== undefined) return rule;
    groupMoves.reach(move, cost);
    const found = follow(groupMoves, locals, groupMoves.row.slice(), rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

function meant(
  groupMoves: GroupMoves,
  locals: LocalStates,
  row: Int32Array,
  words: string,
): { readonly move: Move; readonly cost: number }[] {
  groupMoves.leave(row);
  return groupMoves
    .choices()
    .flatMap(({ moves, cost }) => moves.map((move) => ({ move, cost })))
    .filter(({ move }) => wordsOf(move.to.replica, move.event, locals.messages) === words);
}
