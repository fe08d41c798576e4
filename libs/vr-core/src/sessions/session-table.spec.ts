import { fnvHash } from '../encoding/fnv-hash';
import type { ByteString } from '../encoding/byte-string';
import { clusterMs, opNumber, requestNumber } from '../numbers/numbers';
import { createStateStore } from '../service/state-store';
import { sessionIdOf, sessionKeyOf } from './session-id';
import { SessionTable } from './session-table';

const id = sessionIdOf(opNumber(7), 2);
const key = sessionKeyOf(id) as ByteString;

const opened = () => {
  const store = createStateStore(fnvHash);
  const table = new SessionTable(store.tablesOf('s'));
  const lease = {
    deadlineMs: clusterMs(10),
    lastTouchMs: clusterMs(0),
    ackedBelow: requestNumber(0),
  };
  const add = () => {
    table.add(
      key,
      {
        ttlMs: 10,
        lockDelayMs: 0,
        onEnd: 'release',
        name: undefined,
        metadata: undefined,
        principal: 'ann',
        openedAtMs: clusterMs(0),
      },
      lease,
    );
  };
  return { store, table, lease, add };
};

describe('a session that has been read before', () => {
  it('is as its row is now: kept alive, acknowledged, and gone', () => {
    const { table, lease, add } = opened();
    add();
    expect(table.find(id)).toMatchObject({ principal: 'ann', deadlineMs: 10, ackedBelow: 0 });
    table.putLease(key, { ...lease, deadlineMs: clusterMs(20) });
    expect(table.find(id)?.deadlineMs).toBe(20);
    const session = table.find(id);
    if (session !== undefined) table.acknowledge(session, requestNumber(5));
    expect(table.find(id)).toMatchObject({ deadlineMs: 20, ackedBelow: 5 });
    expect(table.byKey(key)).toMatchObject({ deadlineMs: 20, ackedBelow: 5 });
    table.remove(key);
    expect(table.find(id)).toBeUndefined();
  });

  it('is as its row is after an undo', () => {
    const { store, table, lease, add } = opened();
    const opening = store.savepoint();
    add();
    expect(table.find(id)).toBeDefined();
    opening.rollback();
    expect(table.find(id)).toBeUndefined();

    add();
    table.find(id);
    const change = store.savepoint();
    table.putLease(key, { ...lease, deadlineMs: clusterMs(20) });
    const session = table.find(id);
    if (session !== undefined) table.acknowledge(session, requestNumber(5));
    change.rollback();
    expect(table.find(id)).toMatchObject({ deadlineMs: 10, ackedBelow: 0 });

    const ending = store.savepoint();
    table.remove(key);
    expect(table.find(id)).toBeUndefined();
    ending.rollback();
    expect(table.find(id)).toMatchObject({ deadlineMs: 10, ackedBelow: 0 });
  });
});
