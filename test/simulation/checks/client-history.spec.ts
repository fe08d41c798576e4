import { ClientHistory } from './client-history';

describe('the check of client histories', () => {
  const place = (opNumber: number, index = 0) => ({ opNumber, index });

  it('takes writes that stand in the order in which they were asked', () => {
    const history = new ClientHistory();
    history.wrote(history.asked(), place(1));
    history.wrote(history.asked(), place(1, 1));
    history.read(history.asked(), { opNumber: 1, served: 'index' });
    history.wrote(history.asked(), place(2));
    expect(history.operations).toBe(4);
  });

  it('takes overlapping writes in any order', () => {
    const history = new ClientHistory();
    const [ann, bob] = [history.asked(), history.asked()];
    history.wrote(ann, place(5));
    expect(() => history.wrote(bob, place(4))).not.toThrow();
  });

  it('refuses a write that stands before one that was over when it was asked', () => {
    const history = new ClientHistory();
    history.wrote(history.asked(), place(5));
    const asked = history.asked();
    expect(() => history.wrote(asked, place(5))).toThrow('linearizable');
    expect(() => history.wrote(asked, place(4, 9))).toThrow('linearizable');
  });

  it('refuses a write into an op that a read had seen before it was asked', () => {
    const history = new ClientHistory();
    history.read(history.asked(), { opNumber: 5, served: 'index' });
    expect(() => history.wrote(history.asked(), place(5, 7))).toThrow('linearizable');
  });

  it('refuses a read that misses a write that was over when it was asked', () => {
    const history = new ClientHistory();
    history.wrote(history.asked(), place(5));
    expect(() => history.read(history.asked(), { opNumber: 4, served: 'index' })).toThrow(
      'linearizable',
    );
  });

  it('refuses a stale read that is older than was asked for, or lags too far behind', () => {
    const history = new ClientHistory();
    expect(() => history.readStale({ opNumber: 3, lagMs: 0 }, 4)).toThrow('G12');
    expect(() => history.readStale({ opNumber: 4, lagMs: 9000 }, 4)).toThrow('G12');
    expect(() => history.readStale({ opNumber: 4, lagMs: 20 }, 4)).not.toThrow();
  });
});
