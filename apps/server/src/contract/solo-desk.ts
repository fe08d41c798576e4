import { counter, fileSystem, lockManager } from '@lockstep/state-machines';
import { createSolo, nameKey, type Solo } from '@lockstep/vr-core';
import { sha256 } from '../replica-host/hash';
import { CONTRACTS } from './contracts';
import { textOf, type JsonObject } from './json';
import { fixedMoment } from './fixed-moment';
import { Problem } from './problem';
import { readName } from './request-naming';
import type { Moment, ServiceContract } from './service-contract';

/** The services behind their JSON, without a group: what is asked and what is answered. */
export class Desk {
  readonly solo: Solo = createSolo([lockManager(), fileSystem(), counter()]);
  private key = 0;

  /** The body of the answer, or the problem. */
  do(service: string, op: JsonObject, session?: string): JsonObject | Problem {
    this.key += 1;
    const idempotencyKey = `${this.key}`;
    const { naming, name } = readName({ session, key: idempotencyKey }, 'local', sha256);
    const contract = contractOf(service);
    return tried(() => {
      const operation = contract.operation(op, {
        ...naming,
        request: nameKey({ name, principal: 'local' }),
      });
      const answer = this.solo.submit(service, operation, { idempotencyKey });
      if (answer.kind === 'problem') throw new Problem(answer.code);
      return contract.outcome(answer.bytes, op, this.moment).body;
    });
  }

  ask(service: string, query: JsonObject): JsonObject | Problem {
    const contract = contractOf(service);
    return tried(() => {
      const { bytes } = this.solo.read(service, contract.query(query));
      return contract.answer(bytes, query, this.moment).body;
    });
  }

  open(): string {
    const opened = this.do('sessions', { kind: 'open', ttlMs: 10_000 });
    return textOf((opened as JsonObject)['id']);
  }

  private get moment(): Moment {
    return fixedMoment(this.solo.clusterMs, 3);
  }
}

function contractOf(service: string): ServiceContract {
  const contract = CONTRACTS.get(service);
  if (contract === undefined) throw new Error(`there is no contract of ${service}`);
  return contract;
}

function tried(work: () => JsonObject): JsonObject | Problem {
  try {
    return work();
  } catch (fault) {
    if (fault instanceof Problem) return fault;
    throw fault;
  }
}

export const malformedIn = (field: string) => ({ code: 'malformed', members: { field } });
