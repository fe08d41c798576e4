import type { ByteString } from '@lockstep/vr-core';
import { nextNumber } from '../model/counter';
import type { Call, FileTree } from '../model/file-tree';
import { NO_DEVICE, NO_INO } from '../model/inode-type';
import { Refusal } from '../model/refusal';
import type { FileTables } from '../model/tables';
import { UNTOUCHED_MAIN, VOLUME_DEFAULTS, type Volume } from '../model/volume';
import { isRoot } from '../resolve/permission';
import type { FileRequest } from '../wire/requests';
import type { VolumeSettings } from '../wire/operations';
import type { FileResult } from '../wire/outcomes';
import { findVolume, putVolume } from './find-volume';

const NEXT_VOLUME = 'nextVolume' as ByteString;

/**
 * The volume that a request is about. To define one that is not there is the one thing that can be asked of it, in a
 * request of its own and without conditions, which would have nothing to hold of.
 */
export function volumeOf(tables: FileTables, request: FileRequest): Volume | undefined {
  const found = findVolume(tables, request.volume);
  const defines = request.kind === 'one' && request.op.kind === 'definevolume';
  if (found !== undefined || !defines || request.guards.length > 0) return found;
  return { ...VOLUME_DEFAULTS, name: request.volume, id: NO_INO, root: NO_INO };
}

/** Changes the rules and limits of a volume, or makes one: a tree of its own, empty, whose root is of root's, 0755. */
export function defineVolume(
  tree: FileTree,
  call: Call,
  settings: VolumeSettings,
): FileResult | Refusal {
  if (!isRoot(call.caller)) return new Refusal('EPERM', undefined, 'not-root');
  // An operation before may have given it a trash, or dropped it.
  const there = findVolume(tree.tables, tree.volume.name) ?? born(tree, call);
  const volume = { ...there, ...given(settings) };
  putVolume(tree.tables, volume);
  tree.volume = volume;
  return { kind: 'volume', volume };
}

function born(tree: FileTree, call: Call): Volume {
  const id = nextNumber(tree.tables.counters, NEXT_VOLUME, UNTOUCHED_MAIN.id + 1);
  const root = tree.inodes.make({
    type: 'dir',
    mode: 0o755,
    nlink: 2,
    uid: 0,
    gid: 0,
    size: 0,
    rdev: NO_DEVICE,
    parent: NO_INO,
    volume: id,
    time: call.now,
    opNumber: call.opNumber,
  });
  tree.inodes.change(root, { parent: root.ino });
  return { ...VOLUME_DEFAULTS, name: tree.volume.name, id, root: root.ino };
}

/** What is undefined stays as it is. */
function given(settings: VolumeSettings): Partial<Volume> {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}
