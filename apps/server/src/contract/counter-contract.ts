import { decode } from '@lockstep/vr-core';
import { everywhere } from '../access/need';
import {
  counterAnswer,
  decodeCounterOutcome,
  encodeCounterOperation,
  encodeCounterQuery,
} from '@lockstep/state-machines';
import { checkFields, encodeChecked } from './fields';
import { Problem, malformed } from './problem';
import { ok, type ServiceContract } from './service-contract';

const ADD = new Set(['kind', 'name', 'by']);
const NAMED = new Set(['kind', 'name']);

/** The example service: values are numbers below 2^53, so they are numbers here as well. */
export const counterContract: ServiceContract = {
  service: 'counter',
  needs: () => [everywhere('client')],
  needsOfQuery: () => [everywhere('reader')],

  operation(op) {
    switch (op['kind']) {
      case 'add':
        checkFields(op, ADD);
        return encodeChecked(encodeCounterOperation, { ...op, by: op['by'] ?? 1 });
      case 'reset':
        checkFields(op, NAMED);
        return encodeChecked(encodeCounterOperation, op);
      default:
        throw malformed('kind', 'must be one of add, reset');
    }
  },

  outcome(bytes, op) {
    const { kind, value } = decodeCounterOutcome(bytes);
    if (kind === 'out-of-range') throw new Problem('out-of-range', undefined, { value });
    return ok({ name: op['name'], value });
  },

  query(query) {
    if (query['kind'] !== 'get') throw malformed('kind', 'must be get');
    checkFields(query, NAMED);
    return encodeChecked(encodeCounterQuery, query);
  },

  answer: (bytes, query) => ok({ name: query['name'], value: decode(counterAnswer, bytes).value }),
};
