import { Inode, INODE_BYTES, ROOT_INO, UNTOUCHED_ROOT, writeBirth, writeChanges } from './inode';
import type { InodeChanges } from './inode';

const born = new Inode(7, new Uint8Array(INODE_BYTES));
writeBirth(born.record, {
  type: 'block',
  mode: 0o6640,
  nlink: 1,
  uid: 4_294_967_294,
  gid: 20,
  size: 0,
  rdev: { major: 259, minor: 70_000 },
  parent: ROOT_INO,
  time: { seconds: 2 ** 32, nanos: 5 },
  volume: 7,
  opNumber: 2 ** 40,
});

function changedBy(changes: InodeChanges): Inode {
  const changed = new Inode(born.ino, born.record.slice());
  writeChanges(changed.record, changes);
  return changed;
}

describe('the record of an inode', () => {
  it('has 128 bytes', () => {
    expect(born.record).toHaveLength(128);
    expect(INODE_BYTES).toBe(128);
  });

  it('has every field at the offset its layout says', () => {
    const changed = changedBy({
      size: 0x1_0000_0002,
      blocks: 3,
      atime: { seconds: -(2 ** 31), nanos: 4 },
      contentGen: 5,
      metaGen: 6,
    });
    const words = (at: number, count: number): readonly number[] => {
      const view = new DataView(changed.record.buffer, changed.record.byteOffset);
      return Array.from({ length: count }, (_, word) => view.getUint32(at + 4 * word));
    };
    expect(words(0, 4)).toEqual([0o066640, 1, 4_294_967_294, 20]);
    expect(words(16, 4)).toEqual([1, 2, 0, 3]);
    expect(words(32, 2)).toEqual([0, 4]);
    const above = 2 ** 32 + 2 ** 31;
    for (const at of [40, 48, 56]) expect(words(at, 2)).toEqual([above / 4, 5]);
    expect(words(64, 3)).toEqual([259, 70_000, 0]);
    expect(words(76, 4)).toEqual([0, 5, 0, 6]);
    expect(words(92, 4)).toEqual([0, 1, 2 ** 8, 0]);
    expect(words(108, 5)).toEqual([0, 0, 0, 7, 0]);
  });

  it('changes what it is told to and nothing else, and keeps its type', () => {
    const changed = changedBy({ mode: 0o777, nlink: 2 });
    expect([changed.type, changed.mode, changed.nlink]).toEqual(['block', 0o777, 2]);
    expect([changed.uid, changed.gid, changed.rdev]).toEqual([born.uid, born.gid, born.rdev]);
    expect([born.mode, born.nlink]).toEqual([0o6640, 1]);
  });
});

describe('the root', () => {
  it('is there before any operation: its own parent, open to read, root may write', () => {
    const { ino, type, mode, nlink, uid, gid, parent, size } = UNTOUCHED_ROOT;
    expect({ ino, type, mode, nlink, uid, gid, parent, size }).toEqual({
      ino: 1,
      type: 'dir',
      mode: 0o755,
      nlink: 2,
      uid: 0,
      gid: 0,
      parent: 1,
      size: 0,
    });
  });
});
