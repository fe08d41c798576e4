import { opNumber, type StoredPage } from '@lockstep/vr-core';
import { PageDirectory } from './page-directory';
import type { PageRow } from './page-row';

const TABLE = 'counter/values';

/** Pages; without a text a page is gone. */
const pagesOf = (texts: Readonly<Record<number, string | undefined>>): StoredPage[] =>
  Object.entries(texts).map(([page, text]) => ({
    table: TABLE,
    page: Number(page),
    bytes: text === undefined ? undefined : new Uint8Array(Buffer.from(text)),
  }));

describe('the directory of pages', () => {
  let directory: PageDirectory;
  /** The rows on the disk. */
  let rows: Map<number, PageRow>;
  let throughRow: number;

  beforeEach(() => {
    directory = new PageDirectory();
    rows = new Map();
    throughRow = 0;
  });

  const write = (
    forOp: number,
    texts: Readonly<Record<number, string | undefined>>,
    isTransfer = false,
  ) => {
    const pages = pagesOf(texts);
    for (const row of directory.add({ forOp: opNumber(forOp), pages, isTransfer }))
      rows.set(row.id, row);
  };

  const putInForce = (forOp: number) => {
    directory.totalsToBe(forOp);
    throughRow = directory.lastRow;
    for (const row of directory.takeGivenUp()) rows.delete(row);
    directory.switch();
  };

  const tidy = (rowsMax: number) => {
    const garbage = directory.takeGarbage(rowsMax);
    for (const row of garbage) rows.delete(row);
    return garbage.length;
  };

  /** What a start finds in the rows. */
  const reopened = () => {
    const again = new PageDirectory();
    again.beginAfter(throughRow);
    const texts: Record<number, string> = {};
    for (const row of [...rows.values()].sort((a, b) => b.id - a.id))
      if (again.found(row) && row.bytes !== null)
        texts[row.page] = Buffer.from(row.bytes).toString();
    again.foundAll();
    return { again, texts };
  };

  it('gives the same pages at every moment of deleting what they do not need', () => {
    write(8, { 0: 'a', 1: 'b', 2: 'c', 3: 'd' });
    putInForce(8);
    write(16, { 0: undefined, 1: 'B', 2: undefined });
    putInForce(16);
    write(24, { 2: 'C', 1: undefined });
    putInForce(24);
    const wanted = { 2: 'C', 3: 'd' };
    do expect(reopened().texts).toEqual(wanted);
    while (tidy(1) > 0);
    expect(reopened().texts).toEqual(wanted);
    expect(rows.size).toBe(2);
  });

  it('deletes in a later life what was left of an earlier one', () => {
    write(8, { 0: 'a', 1: 'b' });
    putInForce(8);
    write(16, { 0: undefined, 1: 'B' });
    putInForce(16);
    write(24, { 1: 'never' });
    directory = reopened().again;
    do expect(reopened().texts).toEqual({ 1: 'B' });
    while (tidy(1) > 0);
    expect(rows.size).toBe(1);
    expect(directory.hasGarbage).toBe(false);
  });

  it('never uses the number of a row again that was in force', () => {
    write(8, { 0: 'a', 1: 'b' });
    putInForce(8);
    write(16, { 1: undefined });
    putInForce(16);
    while (tidy(8) > 0);
    directory = reopened().again;
    write(24, { 0: 'never in force' });
    expect(reopened().texts).toEqual({ 0: 'a' });
  });

  it('tells what is in force by count and sum, and so that a row is missing or old', () => {
    write(8, { 0: 'a', 1: 'b' });
    putInForce(8);
    write(16, { 1: 'B', 2: 'c', 3: undefined });
    const totals = directory.totalsToBe(16);
    putInForce(16);
    expect(reopened().again.totals).toEqual(totals);
    expect(directory.totals).toEqual(totals);
    const newest = [...rows.values()].find((row) => row.page === 1 && row.op === 16)!;
    rows.delete(newest.id);
    expect(reopened().again.totals.pageCount).toBe(totals.pageCount);
    expect(reopened().again.totals).not.toEqual(totals);
  });

  it('takes no page of its own while a transfer is not complete', () => {
    write(8, { 0: 'fetched' }, true);
    expect(() => {
      write(16, { 0: 'own' });
    }).toThrow('not whole yet');
  });
});
