import { fromByteString, type ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { keyU32, keyU64 } from '../encoding/key';
import type { Request } from '../messages/request';
import {
  clusterMs,
  epochNumber,
  opNumber,
  requestNumber,
  viewNumber,
  type ClusterMs,
} from '../numbers/numbers';
import {
  done,
  refused,
  type ApplyContext,
  type Plugin,
  type Session,
  type StateMachine,
} from '../service/state-machine';
import { createSolo } from '../service/solo';
import { createStateStore } from '../service/state-store';
import type { Tables } from '../service/tables';
import { encodeSessionOperation } from '../sessions/operations';
import { sealRequest } from '../messages/request';
import { makeEntry, type EntryBody } from '../state/log-entry';
import { createExecution, TICK_UNITS_MAX, type Executed } from './execution';
import { NEW_VIEW_INDEX, TICK_INDEX } from './moment';

const ascii = (text: string): Uint8Array => fromByteString(text as ByteString);
const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Does what the word in the operation says, and tells what it sees in its outcome and its events. */
class Probe implements StateMachine {
  readonly ports = { answer: () => ascii('42') };
  private readonly name: string;
  private readonly table;

  constructor(name: string, tables: Tables) {
    this.name = name;
    this.table = tables.ordered('words');
  }

  validate(): void {
    return undefined;
  }

  apply(operation: Uint8Array, context: ApplyContext) {
    const word = textOf(operation);
    this.table.put('last' as ByteString, operation);
    context.events.publish(ascii(word));
    if (word === 'throw') throw new Error('as told');
    if (word === 'refuse') return refused(ascii('no'));
    if (word === 'ask') return done(context.port('one.answer')(ascii('')));
    if (word.startsWith('timer'))
      context.timers.set(operation.length.toString() as ByteString, context.clusterMs);
    if (word === 'many timers')
      for (let at = 0; at < TICK_UNITS_MAX * 2 + 1; at += 1)
        context.timers.set(keyU32(at), (context.clusterMs + 1) as ClusterMs);
    const { wallSeconds, wallNanos, principal, session, index } = context;
    const who = session === undefined ? principal : `${principal}/${session.id}`;
    return done(ascii(`${index} ${who} ${wallSeconds}.${wallNanos}`));
  }

  read() {
    return done(this.table.get('last' as ByteString) ?? ascii('nothing'));
  }

  onTimer(key: ByteString, context: ApplyContext): void {
    this.table.put('timer' as ByteString, fromByteString(key));
    context.events.publish(ascii(`${this.name} timer`));
    if (key === '10') throw new Error('a timer that throws');
  }

  onSessionEnd(session: Session, context: ApplyContext): void {
    const found = context.sessions.find(session.id) === undefined ? 'gone' : 'found';
    context.events.publish(ascii(`${this.name} ${session.id} ${session.ended ?? ''} ${found}`));
  }

  onViewStart(context: ApplyContext): void {
    context.events.publish(ascii(`${this.name} view`));
  }
}

const probe = (name: string, uses: readonly string[] = []): Plugin => ({
  name,
  formatVersion: 1,
  uses,
  create: (tables) => new Probe(name, tables),
});

const keyed = (key: number, service: string, word: string): Request => ({
  name: { kind: 'keyed', keyHash: keyU64(key) },
  principal: 'ann',
  service,
  operation: ascii(word),
  requestHash: fnvHash(ascii(word)),
  ackedBelow: requestNumber(0),
});

const openSession: Request = {
  ...keyed(1, 'sessions', ''),
  operation: encodeSessionOperation({
    kind: 'open',
    ttlMs: 5_000,
    name: undefined,
    metadata: undefined,
    lockDelayMs: 0,
    onEnd: 'release',
  }),
};

const group = () => {
  const execution = createExecution({
    plugins: [probe('one'), probe('two', ['one.answer'])],
    hash: fnvHash,
  });
  const entryOf = (atMs: number, body: Partial<EntryBody>, wall = { seconds: 100, nanos: 5 }) =>
    makeEntry(
      {
        epochNumber: epochNumber(0),
        viewNumber: viewNumber(0),
        opNumber: opNumber(execution.executed + 1),
        parentHash: '' as ByteString,
        clusterMs: clusterMs(atMs),
        wallSeconds: wall.seconds,
        wallNanos: wall.nanos,
      },
      {
        newView: body.newView ?? false,
        touched: body.touched,
        requests: (body.requests ?? []).map((request) => sealRequest(request).encoded),
      },
      fnvHash,
    );
  const enter = (...entry: Parameters<typeof entryOf>): Executed =>
    execution.execute(entryOf(...entry));
  return { execution, entryOf, enter };
};

const outcomes = ({ answers }: Executed): string[] =>
  answers.map(({ answer }) => (answer.kind === 'problem' ? answer.code : textOf(answer.bytes)));
const told = ({ events }: Executed): string[] =>
  events.filter(({ service }) => service !== 'sessions').map(({ bytes }) => textOf(bytes));

describe('execution', () => {
  it('takes the ops one after the other, none twice and none left out (VRR §4.1 step 5)', () => {
    const { execution, entryOf, enter } = group();
    const entry = entryOf(1, {});
    execution.execute(entry);
    expect(execution.executed).toBe(1);
    expect(() => execution.execute(entry)).toThrow('op 1 cannot be executed after op 1');
    enter(2, {});
    expect(execution.executed).toBe(2);
    expect(execution.clusterMs).toBe(2);
  });

  it('gives each request of an entry its index, a nanosecond more, and its principal', () => {
    const { enter } = group();
    const requests = [keyed(1, 'one', 'a'), keyed(2, 'one', 'b'), keyed(3, 'two', 'c')];
    const executed = enter(1, { requests });
    expect(outcomes(executed)).toEqual(['0 ann 100.5', '1 ann 100.6', '2 ann 100.7']);
  });

  it('lets the wall stamp rise by a nanosecond when the wall clock stands or goes back', () => {
    const { execution, enter } = group();
    enter(1, { requests: [keyed(1, 'one', 'a')] }, { seconds: 100, nanos: 999_999_999 });
    const back = enter(2, { requests: [keyed(2, 'one', 'b')] }, { seconds: 50, nanos: 0 });
    expect(outcomes(back)).toEqual(['0 ann 101.0']);
    const over = enter(
      3,
      { requests: [keyed(3, 'one', 'c'), keyed(4, 'one', 'd')] },
      { seconds: 200, nanos: 999_999_999 },
    );
    expect(outcomes(over)).toEqual(['0 ann 200.999999999', '1 ann 201.0']);
    expect(execution.wall).toEqual({ seconds: 201, nanos: 0 });
  });

  it('undoes a refused operation, with its events, and keeps its outcome', () => {
    const { execution, enter } = group();
    enter(1, { requests: [keyed(1, 'one', 'a')] });
    const before = execution.digest('one');
    const executed = enter(2, { requests: [keyed(2, 'one', 'refuse')] });
    expect(execution.digest('one')).toBe(before);
    expect(told(executed)).toEqual([]);
    const again = enter(3, { requests: [keyed(2, 'one', 'refuse')] });
    expect(again.answers[0]?.answer).toMatchObject({ refused: true, replayed: true, opNumber: 2 });
  });

  it('undoes an operation that throws, commits it as an internal error and counts it (decision 17)', () => {
    const { execution, enter } = group();
    enter(1, { requests: [keyed(1, 'one', 'a')] });
    const before = execution.digest('one');
    const executed = enter(2, { requests: [keyed(2, 'one', 'throw'), keyed(3, 'two', 'b')] });
    expect(outcomes(executed)).toEqual(['internal-error', '1 ann 100.7']);
    expect(told(executed)).toEqual(['b']);
    expect(execution.digest('one')).toBe(before);
    expect(execution.internalErrors.get('one')).toBe(1);
    expect(outcomes(enter(3, { requests: [keyed(2, 'one', 'throw')] }))).toEqual([
      'internal-error',
    ]);
    expect(execution.internalErrors.get('one')).toBe(1);
  });

  it('asks a port of a plug-in registered before', () => {
    const { enter } = group();
    expect(outcomes(enter(1, { requests: [keyed(1, 'two', 'ask')] }))).toEqual(['42']);
    expect(outcomes(enter(2, { requests: [keyed(2, 'one', 'ask')] }))).toEqual(['internal-error']);
  });

  it('does not start when a port that is used is not offered by a plug-in before', () => {
    const start = (...plugins: Plugin[]) => createExecution({ plugins, hash: fnvHash });
    expect(() => start(probe('two', ['one.answer']), probe('one'))).toThrow('one.answer');
    expect(() => start(probe('one'), probe('two', ['one.other']))).toThrow('one.other');
    expect(() => start(probe('one'), probe('one'))).toThrow('twice');
    expect(() => start(probe('sessions'))).toThrow('twice');
    expect(() => start(probe('core.timers'))).toThrow('lower-case');
  });

  it('says which requests must not enter the log, and reads without changing', () => {
    const { execution, enter } = group();
    enter(1, { requests: [keyed(1, 'one', 'a')] });
    expect(execution.validate(keyed(1, 'three', ''))).toBe('unknown-service');
    expect(execution.validate(keyed(1, 'one', ''))).toBeUndefined();
    expect(textOf(execution.read('one', ascii(''), clusterMs(1)).bytes)).toBe('a');
    expect(() => execution.read('three', ascii(''), clusterMs(1))).toThrow(RangeError);
    expect(execution.services).toEqual(['sessions', 'group', 'one', 'two']);
  });

  it('goes on from a store as if it had never stopped', () => {
    const run = (isRestarted: boolean) => {
      const store = createStateStore(fnvHash);
      let solo = createSolo([probe('one')], fnvHash, store);
      const session = solo.openSession();
      solo.submit('one', ascii('timer'), { session });
      if (isRestarted) solo = createSolo([probe('one')], fnvHash, store);
      solo.submit('one', ascii('more'), { session });
      solo.advance(20_000);
      return { digest: solo.digest(), wall: solo.execution.wall, ms: solo.execution.clusterMs };
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe('the hooks of an entry', () => {
  it('run first the Tick, then the new view, then the requests, plug-ins in order of registration', () => {
    const { enter } = group();
    enter(0, { requests: [openSession] });
    const executed = enter(5_000, {
      newView: true,
      touched: [],
      requests: [keyed(2, 'one', 'request')],
    });
    expect(told(executed)).toEqual([
      'one 1-0 expired gone',
      'two 1-0 expired gone',
      'one view',
      'two view',
      'request',
    ]);
    expect(executed.events.map(({ index, n }) => [index, n])).toEqual([
      [TICK_INDEX, 0],
      [TICK_INDEX, 1],
      [TICK_INDEX, 2],
      [NEW_VIEW_INDEX, 3],
      [NEW_VIEW_INDEX, 4],
      [0, 5],
    ]);
  });

  it('let a keepalive of the same Tick go before expiry (R2)', () => {
    const { enter } = group();
    enter(0, { requests: [openSession] });
    const kept = enter(9_000, { touched: ['1-0', '7-0'] as Session['id'][] });
    expect(kept.touched).toEqual([
      { session: '1-0', deadlineMs: 14_000, ttlMs: 5_000 },
      { session: '7-0', deadlineMs: undefined, ttlMs: 0 },
    ]);
    expect(told(kept)).toEqual([]);
  });

  it('expire nothing without a Tick, however late it is (R3)', () => {
    const { execution, enter } = group();
    enter(0, { requests: [openSession] });
    const late = enter(60_000, { requests: [keyed(2, 'one', 'a')] });
    expect(told(late)).toEqual(['a']);
    expect(execution.tickDue(clusterMs(60_000))).toBe(true);
    expect(execution.nextTimerMs()).toBe(5_000);
  });

  it('are undone when they throw, and the others run on', () => {
    const { execution, enter } = group();
    enter(0, { requests: [keyed(1, 'one', 'timer 1234'), keyed(2, 'two', 'timer')] });
    const executed = enter(1, { touched: [] });
    expect(told(executed)).toEqual(['two timer']);
    expect(execution.internalErrors.get('one')).toBe(1);
    expect(told(enter(2, { touched: [] }))).toEqual([]);
  });

  it('do so much in one Tick and leave the rest to the next, in timer order (decision 20)', () => {
    const { execution, enter } = group();
    enter(0, { requests: [keyed(1, 'one', 'many timers')] });
    const counts: number[] = [];
    for (let left = 3; left > 0; left -= 1) counts.push(told(enter(1, { touched: [] })).length);
    expect(counts).toEqual([TICK_UNITS_MAX, TICK_UNITS_MAX, 1]);
    expect(execution.nextTimerMs()).toBeGreaterThan(1);
  });
});
