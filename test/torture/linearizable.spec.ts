import { History, type Outcome, type Question } from '../../torture/src/history/history';
import { search, shortened } from '../../torture/src/history/linearizable';
import { readPlace } from '../../torture/src/history/place';
import { witnessFault } from '../../torture/src/history/witness';
import { counterModel } from '../../torture/src/models/counter-model';

const add = (by: number): Question => ({ service: 'counter', kind: 'add', name: 'c', by });
const get: Question = { service: 'counter', kind: 'get', name: 'c' };
const said = (value: number, place?: string): Outcome => ({
  kind: 'done',
  value: { value },
  place: readPlace(place),
});

/** Each call: what was asked, from when to when, and what was answered; without an answer it never came. */
type Told = readonly [Question, number, number?, Outcome?, boolean?];

function historyOf(...told: readonly Told[]): History {
  const history = new History();
  for (const [question, from, to, outcome, stale] of told) {
    const call = history.invoke('ann', question, from, stale);
    if (outcome !== undefined) history.complete(call, outcome, to ?? from);
  }
  return history;
}

const verdictOf = (...told: readonly Told[]): string =>
  search(counterModel, historyOf(...told).calls).verdict;

describe('the search for an order that explains all answers', () => {
  it('finds one among calls that overlap', () => {
    const told: Told[] = [
      [add(1), 0, 10, said(3)],
      [add(2), 1, 9, said(2)],
      [get, 11, 12, said(3)],
    ];
    expect(verdictOf(...told)).toBe('linearizable');
  });

  it('finds none when an answer comes from before what had been answered', () => {
    expect(verdictOf([add(1), 0, 1, said(1)], [get, 2, 3, said(0)])).toBe('impossible');
  });

  it('finds none when an acknowledged call has been lost', () => {
    const told: Told[] = [
      [add(1), 0, 1, said(1)],
      [add(1), 2, 3, said(1)],
    ];
    expect(verdictOf(...told)).toBe('impossible');
  });

  it('finds none when a call was executed twice', () => {
    expect(verdictOf([add(1), 0, 1, said(1)], [get, 2, 3, said(2)])).toBe('impossible');
  });

  it.each([0, 1])('lets a call without an answer have happened %i times', (times) => {
    expect(verdictOf([add(1), 0], [get, 5, 6, said(times)])).toBe('linearizable');
  });

  it('lets a call without an answer happen late, but not undo itself', () => {
    const late: Told[] = [
      [add(1), 0],
      [get, 5, 6, said(0)],
      [get, 7, 8, said(1)],
    ];
    expect(verdictOf(...late)).toBe('linearizable');
    expect(verdictOf(...late, [get, 9, 10, said(0)])).toBe('impossible');
  });

  it('shortens what shows a fault to the calls that make it', () => {
    const reads = Array.from({ length: 20 }, (_, n): Told => [get, n, n + 0.5, said(0)]);
    const { calls } = historyOf(...reads, [add(1), 30, 31, said(1)], [get, 32, 33, said(0)]);
    const found = search(counterModel, calls);
    if (found.verdict !== 'impossible') throw new Error(found.verdict);
    const short = shortened(counterModel, calls, found.call);
    expect(short.map(({ question }) => question.kind)).toEqual(['add', 'get']);
  });
});

describe('the order that answers tell by their places', () => {
  const faultOf = (...told: readonly Told[]) =>
    witnessFault(counterModel, historyOf(...told).calls);

  it('is believed when each answer is the one of its place', () => {
    const told: Told[] = [
      [add(2), 0, 5, said(3, '8.0')],
      [add(1), 0, 5, said(1, '7.1')],
      [get, 0, 5, said(3, '8')],
    ];
    expect(faultOf(...told)).toBeUndefined();
  });

  it('names the answer that its place cannot give', () => {
    expect(faultOf([add(1), 0, 5, said(1, '7.0')], [get, 6, 7, said(0, '7')])).toMatch(
      /at 7 call 2/,
    );
  });

  it('judges a read of the past at the place it names', () => {
    const written: Told = [add(1), 0, 1, said(1, '7.0')];
    expect(faultOf(written, [get, 5, 6, said(0, '6'), true])).toBeUndefined();
    expect(faultOf(written, [get, 5, 6, said(0, '7'), true])).toMatch(/at 7 call 2/);
  });
});
