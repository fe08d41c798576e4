import { opNumber, type LogEntry } from '@lockstep/vr-core';
import { RowIndex } from './row-index';

/** Row `id` has so many entries after this op. */
const segment = (afterOp: number, count: number) => [
  { afterOp: opNumber(afterOp), entries: new Array<LogEntry>(count) },
];

describe('the rows that a log needs', () => {
  let rows: RowIndex;

  beforeEach(() => {
    rows = new RowIndex();
  });

  /** Ids 1 to `count`, one entry each. */
  const addEach = (count: number, bytes = 10) => {
    for (let id = 1; id <= count; id += 1) rows.add(id, segment(id - 1, 1), bytes);
  };

  /** The first row that stays; what is too little for a write stays as well. */
  const dropAll = () => {
    let first = 1;
    while (rows.hasGarbage) first = rows.dropSome();
    return first;
  };

  it('begin with the one that brought the first entry after the base', () => {
    rows.add(1, segment(0, 40), 10);
    for (let id = 2; id <= 60; id += 1) rows.add(id, segment(38 + id, 1), 10);
    rows.moveBase(opNumber(39));
    expect(rows.hasGarbage).toBe(false);
    rows.moveBase(opNumber(90));
    expect(dropAll()).toBe(33);
  });

  it('are dropped a few at a time, fewer when they are large', () => {
    addEach(200);
    rows.moveBase(opNumber(150));
    expect(rows.dropSome()).toBe(33);
    rows = new RowIndex();
    addEach(200, 400_000);
    rows.moveBase(opNumber(150));
    expect(rows.dropSome()).toBe(4);
  });

  it('count a row that replaced entries from where it replaced them', () => {
    addEach(100);
    rows.add(101, segment(50, 10), 10);
    rows.moveBase(opNumber(50));
    expect(dropAll()).toBe(97);
    rows = new RowIndex();
    addEach(100);
    rows.add(101, segment(50, 10), 10);
    rows.moveBase(opNumber(45));
    expect(dropAll()).toBe(33);
  });

  it('always have the newest among them', () => {
    addEach(100);
    rows.add(101, [], 10);
    rows.moveBase(opNumber(100));
    expect(dropAll()).toBe(97);
  });
});
