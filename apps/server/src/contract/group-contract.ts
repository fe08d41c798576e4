import {
  decodeGroupAnswer,
  decodeGroupOutcome,
  encodeGroupOperation,
  encodeGroupQuery,
  EPOCH_LIST_MAX,
  type EpochRecord,
  type Member,
  type Objection,
} from '@lockstep/vr-core';
import { anywhere, everywhere } from '../access/need';
import { memberJson } from '../config/epoch-json';
import { checkFields, encodeChecked } from './fields';
import type { JsonObject, JsonValue } from './json';
import { Problem, malformed } from './problem';
import { ok, type Result, type ServiceContract } from './service-contract';

const RECONFIGURE = new Set(['kind', 'epoch', 'replicas']);
const MEMBER = new Set(['id', 'replicaNumber', 'role', 'peerUrl', 'clientUrl']);
const JOIN = new Set(['kind', 'id', 'role', 'peerUrl', 'clientUrl', 'nextReplicaNumber']);
const RAISE = new Set(['kind', 'version']);
const ALONE = new Set(['kind']);
const EPOCHS = new Set(['kind', 'after', 'limit']);

/** The group itself: who belongs to it, and its checkpoints. */
export const groupContract: ServiceContract = {
  service: 'group',
  needs: () => [everywhere('admin')],
  needsOfQuery: () => [anywhere('reader')],

  operation(op) {
    switch (op['kind']) {
      case 'reconfigure': {
        checkFields(op, RECONFIGURE);
        const operation = {
          kind: 'reconfigure',
          epochNumber: op['epoch'],
          members: membersOf(op['replicas']),
        };
        return encodeChecked(encodeGroupOperation, operation, rename);
      }
      case 'join': {
        checkFields(op, JOIN);
        const { id: nodeId, ...fields } = op;
        return encodeChecked(encodeGroupOperation, { nodeId, ...fields }, rename);
      }
      case 'raise-version':
        checkFields(op, RAISE);
        return encodeChecked(encodeGroupOperation, op);
      case 'checkpoint':
        checkFields(op, ALONE);
        return encodeChecked(encodeGroupOperation, op);
      default:
        throw malformed('kind', 'must be one of reconfigure, join, raise-version, checkpoint');
    }
  },

  outcome(bytes) {
    const outcome = decodeGroupOutcome(bytes);
    switch (outcome.kind) {
      case 'accepted':
        return ok({ epoch: outcome.epochNumber });
      case 'joined':
        return ok({ replicaNumber: outcome.replicaNumber });
      case 'version-raised':
        return ok({ version: outcome.version });
      case 'checkpoint-taken':
        return ok({ op: `${outcome.opNumber}` });
      case 'refused':
        throw refusalOf(outcome.objections);
    }
  },

  query(query) {
    switch (query['kind']) {
      case 'epochs': {
        checkFields(query, EPOCHS);
        const { after = 0, limit = EPOCH_LIST_MAX } = query;
        return encodeChecked(encodeGroupQuery, { kind: 'epochs', after, limit });
      }
      case 'configuration':
      case 'joiners':
        checkFields(query, ALONE);
        return encodeChecked(encodeGroupQuery, query);
      default:
        throw malformed('kind', 'must be one of configuration, epochs, joiners');
    }
  },

  answer(bytes): Result {
    const answer = decodeGroupAnswer(bytes);
    switch (answer.kind) {
      case 'configuration':
        return ok({ epoch: answer.epoch === undefined ? null : epochRecordJson(answer.epoch) });
      case 'epochs':
        return ok({ epochs: answer.epochs.map(epochRecordJson), more: answer.more });
      case 'joiners':
        return ok({ joiners: answer.joiners.map(replicaJson) });
    }
  },
};

function membersOf(replicas: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(replicas)) throw malformed('replicas', 'must be a list');
  return replicas.map((replica: JsonValue, place) => {
    checkFields(replica, MEMBER, `replicas[${place}]`);
    const { id: nodeId, ...fields } = replica;
    return { nodeId, ...fields };
  });
}

const rename = (field: string): string =>
  field.replace('nodeId', 'id').replace('members', 'replicas').replace('epochNumber', 'epoch');

export const replicaJson = (member: Member): JsonObject => ({ ...memberJson(member) });

function epochRecordJson({ configuration, startOp, wallSeconds }: EpochRecord): JsonObject {
  return {
    epoch: configuration.epochNumber,
    startOp: `${startOp}`,
    at: new Date(wallSeconds * 1000).toISOString(),
    replicas: configuration.members.map(replicaJson),
  };
}

/** What to do about it. */
const ADVICE: Readonly<Record<Objection, string>> = {
  'another-epoch': 'The group has changed meanwhile: look at GET /v1/cluster and decide anew.',
  'under-way': 'Another reconfiguration is under way: wait for its end (GET /v1/cluster).',
  'epoch-not-started':
    'The last reconfiguration is not finished: wait until GET /v1/cluster/check-epoch says so.',
  'group-size': 'A group has 3 to 9 replicas; one alone only where there is one.',
  'repeated-node': 'An id, number or URL stands there twice.',
  'changed-number': 'A replica-number and its id belong together for ever: give both as they are.',
  'used-number':
    'A replica that has left, or was passed over, does not come back: make a new one (npm run join).',
  'witness-count': 'With witnesses the size is odd, and of 2f + 1 replicas f are witnesses.',
  'not-warm':
    'A new replica has not caught up in time: see that it runs and reaches the group, and ask again.',
  'too-few-heard':
    'Too few replicas of the new group have been heard lately: see that they run, and ask again.',
  'not-next-version': 'Versions are raised one by one: GET /v1/cluster says at which the group is.',
};

/** The same request may fare better later. */
const PASSING: ReadonlySet<Objection> = new Set([
  'another-epoch',
  'under-way',
  'epoch-not-started',
  'not-warm',
  'too-few-heard',
]);

function refusalOf(objections: readonly Objection[]): Problem {
  const reasons = objections.map((code) => ({ code, detail: ADVICE[code] }));
  const code = objections.every((each) => PASSING.has(each))
    ? 'reconfiguration-refused'
    : 'reconfiguration-invalid';
  return new Problem(code, reasons.map(({ detail }) => detail).join(' '), { reasons });
}
