import {
  epochNumber,
  incarnation,
  opNumber,
  replicaNumber,
  toByteString,
  viewNumber,
  type Configuration,
} from '@lockstep/vr-core';
import { decodePromise, encodePromise, PROMISE_BYTES, type PromiseRecord } from './promise-record';
import { seal } from './sealed';

const checksum = toByteString(Buffer.alloc(32, 7));

/** Nine members, every name as long as it may be. */
const largest = (epoch: number): Configuration => ({
  epochNumber: epochNumber(epoch),
  members: Array.from({ length: 9 }, (_, number) => ({
    replicaNumber: replicaNumber(1_000_000 + number),
    nodeId: `${number}`.padEnd(64, 'n'),
    role: 'active',
    peerUrl: `http://${number}`.padEnd(256, 'p'),
    clientUrl: `http://${number}`.padEnd(256, 'c'),
  })),
  nextReplicaNumber: replicaNumber(2_000_000),
});

const record: PromiseRecord = {
  sequence: Number.MAX_SAFE_INTEGER,
  groupId: 'g'.repeat(64),
  nodeId: 'n'.repeat(64),
  generation: 1,
  incarnation: incarnation(Number.MAX_SAFE_INTEGER),
  promised: {
    epochNumber: epochNumber(8),
    viewNumber: viewNumber(3),
    incarnations: Array.from({ length: 36 }, (_, number) => ({
      replicaNumber: replicaNumber(1_000_000 + number),
      incarnation: incarnation(Number.MAX_SAFE_INTEGER - number),
    })),
    epoch: {
      configuration: largest(8),
      previous: largest(7),
      startOp: opNumber(1_000_000_000),
      startHash: checksum,
    },
  },
  promiseLost: false,
  logAwaited: true,
  clean: false,
  tail: { born: incarnation(9), rowId: 1_000_000_000, checksum },
};

describe('the record of a promise', () => {
  it('has room for the largest group that may be, and the one before it', () => {
    const file = encodePromise(record);
    expect(file).toHaveLength(PROMISE_BYTES);
    expect(decodePromise(file)).toEqual(record);
  });

  it('is damaged when any one bit of it has changed, or it was cut short', () => {
    const file = encodePromise(record);
    for (let at = 0; at < file.length; at += 97) {
      const changed = Buffer.from(file);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
      expect(decodePromise(changed)).toBeUndefined();
    }
    for (const length of [0, 7, 8, 512, 4096]) {
      expect(decodePromise(file.subarray(0, length))).toBeUndefined();
    }
  });

  it('of another version is told from a damaged one', () => {
    expect(() => decodePromise(seal(Buffer.from([1, 2, 3]), 512))).toThrow(
      'formatVersion: is 1, and this program knows 2',
    );
  });
});
