import type { ByteString } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { createExecution, type Executed, type Execution } from '../execution/execution';
import { sealRequest } from '../messages/request';
import { clusterMs, epochNumber, nextOp, replicaNumber, viewNumber } from '../numbers/numbers';
import { createStateStore } from '../service/state-store';
import type { Configuration } from '../state/configuration';
import { makeEntry } from '../state/log-entry';
import {
  decodeGroupAnswer,
  decodeGroupOutcome,
  encodeGroupOperation,
  encodeGroupQuery,
  GROUP,
  type GroupOperation,
  type GroupQuery,
} from './operations';

/** One entry with this operation in it; with a configuration it is the last of its epoch. */
function execute(
  execution: Execution,
  operation: GroupOperation,
  reconfiguration?: Configuration,
): Executed {
  const op = nextOp(execution.executed);
  const { encoded } = sealRequest({
    name: { kind: 'keyed', keyHash: `key ${op}` as ByteString },
    principal: 'admin',
    service: GROUP,
    operation: encodeGroupOperation(operation),
    requestHash: `hash ${op}` as ByteString,
    ackedBelow: 0 as never,
  });
  const header = {
    epochNumber: epochNumber(0),
    viewNumber: viewNumber(0),
    opNumber: op,
    parentHash: '' as ByteString,
    clusterMs: clusterMs(op * 100),
    wallSeconds: op * 10,
    wallNanos: 0,
  };
  const body = { newView: false, touched: undefined, requests: [encoded] };
  const ends = reconfiguration === undefined ? {} : { reconfiguration };
  return execution.execute(makeEntry(header, { ...body, ...ends }, fnvHash));
}

function outcomeOf({ answers }: Executed) {
  const answer = answers[0]?.answer;
  if (answer?.kind !== 'outcome') throw new Error('an outcome was expected');
  return { refused: answer.refused, outcome: decodeGroupOutcome(answer.bytes) };
}

const ask = (execution: Execution, query: GroupQuery) =>
  decodeGroupAnswer(execution.read(GROUP, encodeGroupQuery(query), clusterMs(0)).bytes);

const configuration = (epoch: number): Configuration => ({
  epochNumber: epochNumber(epoch),
  members: [
    {
      replicaNumber: replicaNumber(epoch),
      nodeId: `node-${epoch}`,
      role: 'active',
      peerUrl: '',
      clientUrl: '',
    },
  ],
  nextReplicaNumber: replicaNumber(epoch + 1),
});

const reconfigure = (epoch: number): GroupOperation => ({
  kind: 'reconfigure',
  epochNumber: epochNumber(epoch - 1),
  members: configuration(epoch).members,
});

describe('the service of the group', () => {
  it('says that a reconfiguration is accepted when its entry ends the epoch', () => {
    const execution = createExecution({ plugins: [], hash: fnvHash });
    const executed = execute(execution, reconfigure(1), configuration(1));
    expect(outcomeOf(executed)).toEqual({
      refused: false,
      outcome: { kind: 'accepted', epochNumber: 1 },
    });
  });

  it('refuses one that came into the log in any other way', () => {
    const execution = createExecution({ plugins: [], hash: fnvHash });
    execute(execution, reconfigure(1), configuration(1));
    expect(outcomeOf(execute(execution, reconfigure(2)))).toEqual({
      refused: true,
      outcome: { kind: 'refused', objections: ['another-epoch'] },
    });
  });

  it('keeps how every epoch began, also in a store that is opened again', () => {
    const store = createStateStore(fnvHash);
    const execution = createExecution({ plugins: [], hash: fnvHash, store });
    expect(ask(execution, { kind: 'configuration' })).toEqual({
      kind: 'configuration',
      epoch: undefined,
    });
    for (const epoch of [1, 2, 3]) execute(execution, reconfigure(epoch), configuration(epoch));
    const record = (epoch: number) => ({
      configuration: configuration(epoch),
      startOp: epoch,
      clusterMs: epoch * 100,
      wallSeconds: epoch * 10,
    });
    for (const one of [execution, createExecution({ plugins: [], hash: fnvHash, store })]) {
      expect(ask(one, { kind: 'configuration' })).toEqual({
        kind: 'configuration',
        epoch: record(3),
      });
      expect(ask(one, { kind: 'epochs', after: epochNumber(0), limit: 2 })).toEqual({
        kind: 'epochs',
        epochs: [record(1), record(2)],
        more: true,
      });
      expect(ask(one, { kind: 'epochs', after: epochNumber(2), limit: 2 })).toEqual({
        kind: 'epochs',
        epochs: [record(3)],
        more: false,
      });
    }
  });

  it('asks for a checkpoint after the op that says so (decision 19)', () => {
    const execution = createExecution({ plugins: [], hash: fnvHash });
    const executed = execute(execution, { kind: 'checkpoint' });
    expect(executed.checkpointDue).toBe(true);
    expect(outcomeOf(executed).outcome).toEqual({ kind: 'checkpoint-taken', opNumber: 1 });
    expect(execute(execution, reconfigure(1)).checkpointDue).toBe(false);
  });
});
