import { sha256 } from '../replica-host/hash';
import { problemOf } from './problem-of';
import { readName } from './request-naming';

const named = (parts: object) => readName(parts, 'local', sha256);

describe('the name of a request', () => {
  it('is the session and its number where both are given', () => {
    const { name, naming, ackedBelow } = named({
      session: '57-0',
      requestNumber: 3,
      ackedBelow: 2,
    });
    expect(name).toEqual({ kind: 'numbered', session: '57-0', requestNumber: 3 });
    expect(naming).toEqual({ request: '57-0#3', session: '57-0' });
    expect(ackedBelow).toBe(2);
  });

  it('is the same for the same key, and differs for another', () => {
    const request = (key: string) => named({ key }).naming.request;
    expect(request('a')).toBe(request('a'));
    expect(request('a')).not.toBe(request('b'));
  });

  it('is one nobody else has where nothing is given', () => {
    expect(named({}).naming.request).not.toBe(named({}).naming.request);
  });

  it.each([
    [{ session: 'ann', requestNumber: 1 }, 'session'],
    [{ session: '057-0' }, 'session'],
    [{ requestNumber: 1 }, 'session'],
    [{ session: '57-0', requestNumber: 1.5 }, 'requestNumber'],
    [{ session: '57-0', requestNumber: 1, key: 'k' }, 'key'],
    [{ session: '57-0', ackedBelow: 1 }, 'ackedBelow'],
    [{ key: '' }, 'key'],
    [{ key: 'k'.repeat(257) }, 'key'],
    [{ key: 5 }, 'key'],
  ])('refuses %j, naming %s', (parts, field) => {
    expect(problemOf(() => named(parts))).toMatchObject({ code: 'malformed', members: { field } });
  });
});
