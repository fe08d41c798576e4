import { fnvHash } from '../encoding/fnv-hash';
import type { OpNumber } from '../numbers/numbers';
import { createStateStore } from '../service/state-store';
import { EVENTS_START, EventTable, type ExecutedEvent } from './event-table';

const event = (op: number, n: number, size = 1): ExecutedEvent => ({
  opNumber: op as OpNumber,
  index: n % 3,
  n,
  service: 'locks',
  bytes: new Uint8Array(size).fill(op),
});

const fill = (table: EventTable, ops: number, each: number, size = 1): void => {
  for (let op = 1; op <= ops; op += 1) {
    const events = Array.from({ length: each }, (_, n) => event(op, n, size));
    table.append(events, op as OpNumber);
  }
};

const at = (op: number, n: number) => ({ opNumber: op as OpNumber, n });

describe('the event log', () => {
  it('gives what came after a place, in order, as it was told', () => {
    const table = new EventTable(createStateStore(fnvHash).tablesOf('e'));
    fill(table, 3, 4);
    expect(table.since(EVENTS_START, 100)).toHaveLength(12);
    expect(table.since(at(2, 1), 3)).toEqual([event(2, 2), event(2, 3), event(3, 0)]);
    expect(table.since(at(3, 3), 3)).toEqual([]);
    expect(table.oldestOp()).toBe(1);
  });

  it('finds every place in an op of many events', () => {
    const table = new EventTable(createStateStore(fnvHash).tablesOf('e'));
    fill(table, 2, 400, 17);
    for (const n of [0, 37, 38, 39, 200, 398])
      expect(table.since(at(1, n), 2)).toEqual(
        [event(1, n + 1, 17), event(1, n + 2, 17)].map((next) =>
          next.n < 400 ? next : event(2, 0, 17),
        ),
      );
    expect(table.since(at(1, 399), 1)).toEqual([event(2, 0, 17)]);
    expect(table.since(at(1, 9), 1_000)).toHaveLength(790);
  });

  it('keeps the newest ops and says which are whole', () => {
    const table = new EventTable(createStateStore(fnvHash).tablesOf('e'), 10);
    fill(table, 50, 2);
    expect(table.oldestOp()).toBe(41);
    expect(table.since(EVENTS_START, 100)[0]).toEqual(event(41, 0));
    expect(table.since(EVENTS_START, 100)).toHaveLength(20);
  });

  it('keeps no more bytes than its bound', () => {
    const table = new EventTable(createStateStore(fnvHash).tablesOf('e'), 1_000, 5_000);
    fill(table, 50, 1, 488);
    expect(table.oldestOp()).toBe(41);
    expect(table.since(EVENTS_START, 100)).toHaveLength(10);
  });

  it('trims a burst little by little', () => {
    const table = new EventTable(createStateStore(fnvHash).tablesOf('e'), 10);
    table.append(
      Array.from({ length: 10 }, (_, n) => event(1, n, 2_000)),
      1 as OpNumber,
    );
    table.append([event(11, 0)], 11 as OpNumber);
    expect(table.since(EVENTS_START, 1_000)).toHaveLength(11 - 4);
    expect(table.oldestOp()).toBe(2);
  });

  it('goes on from the tables it finds', () => {
    const store = createStateStore(fnvHash);
    fill(new EventTable(store.tablesOf('e'), 10), 50, 1);
    const again = new EventTable(store.tablesOf('e'), 10);
    expect(again.oldestOp()).toBe(41);
    again.append([event(51, 0)], 51 as OpNumber);
    expect(again.oldestOp()).toBe(42);
  });
});
