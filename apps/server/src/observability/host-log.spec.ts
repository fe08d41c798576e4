import { pino } from 'pino';
import type { Note, ReplicaView } from '@lockstep/vr-core';
import { startMemoryGroup, stopMemoryGroup } from '../replica-host/memory-group';
import { Diagnosis } from './diagnosis';
import { HostLog } from './host-log';
import { LogTail } from './log-tail';
import { Metrics } from './metrics';

const suspicion: Note = { kind: 'protocol', event: 'suspect', text: 'votes for view 4' };
const late: Note = { kind: 'ignored', reason: 'older view', what: 'Prepare', from: undefined };

describe('what a replica notes', () => {
  let view: ReplicaView;
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );

  beforeAll(async () => {
    const [member] = await startMemoryGroup(1);
    if (member === undefined) throw new Error('there is no group');
    view = { ...member.host.view(), status: 'normal' };
    stopMemoryGroup([member]);
  });
  beforeEach(() => {
    lines.length = 0;
  });

  const tail = new LogTail({ write: () => undefined });
  function log(metrics = new Metrics(), fail: (line: string) => void = () => undefined): HostLog {
    const diagnosis = new Diagnosis({ logger, tail, metrics, slowMs: 1_000, tracing: undefined });
    return new HostLog({ logger, metrics, diagnosis, fail });
  }
  const at = (viewNumber: number, serving: boolean): (() => ReplicaView) => {
    const changed = { ...view, viewNumber, serving } as ReplicaView;
    return () => changed;
  };

  it('is one aligned line of the log, with its facts beside it', () => {
    log().onNote(suspicion, at(3, false));
    expect(lines).toMatchObject([
      {
        msg: 'replica 0  epoch 0 view 3  suspect         op 0 commit 0  votes for view 4',
        event: 'suspect',
        view: 3,
      },
    ]);
  });

  it('is counted by its reason', async () => {
    const metrics = new Metrics();
    const both = log(metrics);
    both.onNote(late, at(3, false));
    both.onNote(late, at(3, false));
    const text = await metrics.registry.metrics();
    expect(text).toContain(
      'lockstep_ignored_messages_total{message="Prepare",reason="older view"} 2',
    );
  });

  it('is written ten times when it repeats, then counted', () => {
    const host = log();
    for (let n = 0; n < 25; n += 1)
      host.onReport({ level: 'warn', text: `frame ${n} is malformed` });
    expect(lines).toHaveLength(10);
    host.onReport({ level: 'warn', text: 'something else' });
    expect(lines).toHaveLength(11);
  });

  it('tells of a view once, and again when the replica begins to serve in it', () => {
    const told = jest.fn();
    const host = log();
    host.onView(told);
    for (const serving of [false, false, true]) host.onTurn(1, at(3, serving));
    host.onTurn(1, at(4, false));
    expect(
      told.mock.calls.map(([{ viewNumber, serving }]: [ReplicaView]) => [viewNumber, serving]),
    ).toEqual([
      [3, false],
      [3, true],
      [4, false],
    ]);
  });

  it('ends the process with one line when it is a failure', () => {
    const end = jest.fn();
    log(new Metrics(), end).onFailure('the disk failed', new Error('EIO'));
    expect(end).toHaveBeenCalledWith('stopped: the disk failed: EIO');
    expect(lines).toMatchObject([{ msg: 'stopped: the disk failed: EIO' }]);
  });
});
