import type { ByteString } from '@lockstep/vr-core';
import { refuseArrival } from '../accounting/growth';
import { differenceOf, NO_USAGE, weightOf, type Call, type FileTree } from '../model/file-tree';
import type { Inode } from '../model/inode';
import { LINK_MAX } from '../model/limits';
import { resolvePlace, type LastComponent, type PathEnd, type Walk } from '../resolve/path';
import { isRoot, refuseAccess, refuseRemoval, SEARCH, WRITE } from '../resolve/permission';
import { refuseByFlags, refuseReadOnly } from '../status/flags';
import { leaveWhiteout } from './whiteout';
import { Refusal } from '../model/refusal';
import type { Place } from '../model/place';
import { exchangeNames, moveName } from './names';

export interface RenameArguments {
  readonly from: ByteString;
  readonly to: ByteString;
  /** Refuses to replace. */
  readonly noreplace: boolean;
  /** Both names must exist and change places. */
  readonly exchange: boolean;
  /** Leaves a whiteout, a device 0/0, where the source was. */
  readonly whiteout: boolean;
}

/** One end of a rename: a directory, a component in it, and what is there. */
interface End {
  readonly directory: Inode;
  readonly last: LastComponent;
  readonly inode: Inode | undefined;
}

/** A rename looked up at both ends; the source exists, and, for an exchange, the target. */
interface Move {
  readonly from: End & { readonly inode: Inode };
  readonly to: End;
  readonly exchange: boolean;
}

/**
 * POSIX `rename`, and the flags of Linux's `renameat2`. Checks come in the order Linux makes them: shape of the
 * paths, existence, ancestry, then permission at both ends, then emptiness.
 */
export function rename(tree: FileTree, call: Call, args: RenameArguments): Refusal | undefined {
  const move = resolveMove(tree, call, args);
  if (move instanceof Refusal) return move;
  // Two names of one inode: POSIX asks for success and no change.
  if (move.from.inode.ino === move.to.inode?.ino) return undefined;
  const refusal = refuseMove(tree, call, move);
  if (refusal !== undefined) return refusal;
  const { from, to } = move;
  const [source, target] = [placeAt(from), placeAt(to)];
  if (move.exchange && to.inode !== undefined)
    exchangeNames(tree, call, [from.inode, source], [to.inode, target]);
  else moveName(tree, call, from.inode, { from: source, to: target, replaced: to.inode });
  return args.whiteout ? leaveWhiteout(tree, call, source) : undefined;
}

const placeAt = ({ directory, last }: End): Place => ({ directory, name: last.name });

function resolveMove(tree: FileTree, call: Call, args: RenameArguments): Move | Refusal {
  const forbidden = refuseRequest(tree, call, args);
  if (forbidden !== undefined) return forbidden;
  const old = resolvePlace(tree, call.caller, args.from);
  if (old instanceof Refusal) return old;
  const young = resolvePlace(tree, call.caller, args.to);
  if (young instanceof Refusal) return young;
  const inUse = tree.volume.flavour === 'freebsd' ? 'EINVAL' : 'EBUSY';
  if (old.last.kind !== 'name') return new Refusal(inUse, old.last.name);
  if (young.last.kind !== 'name')
    return new Refusal(args.noreplace ? 'EEXIST' : inUse, young.last.name);
  const refusal = refuseReadOnly(tree, old.last.name);
  if (refusal !== undefined) return refusal;
  const from = endAt(old);
  if (from instanceof Refusal) return from;
  if (from.inode === undefined) return new Refusal('ENOENT', from.last.name);
  const to = endAt(young);
  if (to instanceof Refusal) return to;
  const move: Move = { from: { ...from, inode: from.inode }, to, exchange: args.exchange };
  return refuseTarget(move, args.noreplace) ?? refuseCycle(tree, move) ?? move;
}

/** What cannot be asked for, whatever the paths are. To leave a whiteout is to make a device. (rename(2) of Linux) */
function refuseRequest(tree: FileTree, call: Call, args: RenameArguments): Refusal | undefined {
  if (args.exchange && (args.noreplace || args.whiteout)) return new Refusal('EINVAL');
  if (!args.whiteout) return undefined;
  if (tree.volume.flavour === 'freebsd') return new Refusal('EINVAL');
  return isRoot(call.caller) ? undefined : new Refusal('EPERM', undefined, 'not-root');
}

function endAt({ directory, last, walk }: PathEnd & { readonly walk: Walk }): End | Refusal {
  const inode = walk.entry(directory, last.name);
  return inode instanceof Refusal ? inode : { directory, last, inode };
}

/** Whether the target may be there, or must, and who may be asked for with a slash at the end. */
function refuseTarget({ from, to, exchange }: Move, noreplace: boolean): Refusal | undefined {
  if (noreplace && to.inode !== undefined) return new Refusal('EEXIST', to.last.name);
  if (exchange) {
    if (to.inode === undefined) return new Refusal('ENOENT', to.last.name);
    if (!to.inode.isDirectory && to.last.slash) return new Refusal('ENOTDIR', to.last.name);
  }
  if (from.inode.isDirectory) return undefined;
  if (from.last.slash) return new Refusal('ENOTDIR', from.last.name);
  if (!exchange && to.last.slash) return new Refusal('ENOTDIR', to.last.name);
  return undefined;
}

/** A directory under itself would be a loop that no path leads to. */
function refuseCycle(tree: FileTree, { from, to, exchange }: Move): Refusal | undefined {
  if (from.directory.ino === to.directory.ino) return undefined;
  if (from.inode.isDirectory && tree.isWithin(to.directory, from.inode.ino))
    return new Refusal('EINVAL', to.last.name);
  if (to.inode?.isDirectory === true && tree.isWithin(from.directory, to.inode.ino))
    return new Refusal(exchange ? 'EINVAL' : 'ENOTEMPTY', to.last.name);
  return undefined;
}

function refuseMove(tree: FileTree, call: Call, move: Move): Refusal | undefined {
  const { from, to } = move;
  return (
    refuseRemoval(tree, call.caller, from.directory, from.inode, from.last.name) ??
    refuseByFlags(from.directory, from.inode, from.last.name) ??
    (to.inode === undefined
      ? refuseAccess(tree, call.caller, to.directory, WRITE + SEARCH, to.last.name)
      : refuseReplacement(tree, call, move, to.inode)) ??
    refuseNewParent(tree, call, move) ??
    refuseFull(move) ??
    refuseQuota(tree, move)
  );
}

function refuseReplacement(
  tree: FileTree,
  call: Call,
  move: Move,
  target: Inode,
): Refusal | undefined {
  const { from, to, exchange } = move;
  const refusal =
    refuseRemoval(tree, call.caller, to.directory, target, to.last.name) ??
    refuseByFlags(to.directory, target, to.last.name);
  if (refusal !== undefined || exchange) return refusal;
  if (from.inode.isDirectory && !target.isDirectory) return new Refusal('ENOTDIR', to.last.name);
  if (!from.inode.isDirectory && target.isDirectory) return new Refusal('EISDIR', to.last.name);
  return undefined;
}

/** To change its parent is to write to a directory: its `..` changes. */
function refuseNewParent(
  tree: FileTree,
  call: Call,
  { from, to, exchange }: Move,
): Refusal | undefined {
  if (from.directory.ino === to.directory.ino) return undefined;
  return (
    refuseNewDotDot(tree, call, from.inode, from.last.name) ??
    (exchange ? refuseNewDotDot(tree, call, to.inode, to.last.name) : undefined)
  );
}

function refuseNewDotDot(
  tree: FileTree,
  call: Call,
  inode: Inode | undefined,
  name: ByteString,
): Refusal | undefined {
  if (inode?.isDirectory !== true) return undefined;
  return refuseAccess(tree, call.caller, inode, WRITE, name);
}

function refuseFull({ from, to, exchange }: Move): Refusal | undefined {
  const target = to.inode;
  const gains = from.inode.isDirectory && target?.isDirectory !== true;
  if (gains && from.directory.ino !== to.directory.ino && to.directory.nlink >= LINK_MAX)
    return new Refusal('EMLINK', to.last.name);
  if (!exchange && target?.isDirectory === true && target.size !== 0)
    return new Refusal('ENOTEMPTY', to.last.name);
  return undefined;
}

/** Nothing is left in a directory of what a name there stood for. */
function refuseQuota(tree: FileTree, { from, to, exchange }: Move): Refusal | undefined {
  if (from.directory.ino === to.directory.ino) return undefined;
  const come = weightOf(from.inode);
  const gone = to.inode === undefined ? NO_USAGE : weightOf(to.inode);
  return (
    refuseArrival(tree, from.directory, to.directory, differenceOf(come, gone)) ??
    (exchange
      ? refuseArrival(tree, to.directory, from.directory, differenceOf(gone, come))
      : undefined)
  );
}
