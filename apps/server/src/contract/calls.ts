import {
  type Answer,
  type HashFunction,
  type KeptAlive,
  type ReadResult,
  type ReplicaView,
} from '@lockstep/vr-core';
import type { Origin, Originated } from '../replica-host/call-watcher';
import { aboutOf, type RequestGateway } from '../replica-host/request-gateway';
import type { Principal } from '../access/principal';
import { anywhere } from '../access/need';
import { expectMay } from './access';
import type { AuditTrail } from './audit-trail';
import { consistencyOf, type ReadConsistency } from './consistency';
import type { Doorkeeper } from './door';
import type { Intake } from './intake';
import type { JsonObject } from './json';
import { checkSize, RETRY_AFTER_MS, type LocalCode } from './local-refusals';
import { ViewMoment } from './moments';
import { disputedOf, expectOwner, type Belonging, type OwnerOf } from './ownership';
import { Problem, malformed } from './problem';
import { readName, readSessionId, type NameParts, type Named } from './request-naming';
import type { Result, ServiceContract } from './service-contract';
import type { SequencerKey } from './sequencer-key';
import { leaseBody } from './sessions-contract';

export const TIMEOUT_MS_DEFAULT = 5_000;
export const TIMEOUT_MS_MAX = 600_000;

export interface MutationCall extends NameParts {
  readonly service: string;
  readonly op: JsonObject;
  readonly principal: Principal;
  readonly timeoutMs: number;
  /** The sequencer in the answer is signed. A signature costs more than all else about a grant: only where it is read. */
  readonly signed?: boolean;
  readonly origin?: Origin | undefined;
}

export interface QueryCall {
  readonly service: string;
  readonly principal: Principal;
  readonly query: JsonObject;
  readonly consistency: ReadConsistency;
  readonly minOp: number;
  readonly timeoutMs: number;
  readonly origin?: Origin | undefined;
}

/** A result with its place in the order. */
export interface Reply extends Result {
  /** `op.index` of an operation, `op` of the state that a query saw. (decision 27) */
  readonly op?: string;
  readonly opNumber?: number;
  readonly replayed?: boolean;
  readonly read?: 'lease' | 'index' | 'stale';
  readonly lagMs?: number;
}

/** Called once, now or later, with the reply or the problem. */
export type Told = (reply: Reply | Problem) => void;

export interface CallParts {
  readonly contracts: ReadonlyMap<string, ServiceContract>;
  readonly gateway: RequestGateway;
  readonly door: Doorkeeper;
  readonly intake: Intake;
  readonly audit: AuditTrail;
  readonly hash: HashFunction;
  readonly view: () => ReplicaView;
  readonly ownerOf: OwnerOf;
  /** Of the group. (decision 6) */
  readonly generation: number;
  readonly sequencers: SequencerKey;
  /** A fault of our own: for the log. */
  readonly onFault: (fault: unknown, origin?: Origin) => void;
}

/** A client's operation, query or keepalive in JSON, from the door through the group and back. */
export class Calls {
  private readonly parts: CallParts;
  private readonly moment: ViewMoment;
  private readonly signing: ViewMoment;

  constructor(parts: CallParts) {
    this.parts = parts;
    this.moment = new ViewMoment(parts, false);
    this.signing = new ViewMoment(parts, true);
  }

  mutate(call: MutationCall, told: Told): void {
    this.take(call.principal, told, (tell) => {
      this.submit(call, tell);
    });
  }

  query(call: QueryCall, told: Told): void {
    this.take(call.principal, told, (tell) => {
      this.ask(call, tell);
    });
  }

  /** Not turned away however much there is to do: who cannot keep his locks asks for them again, and there is more to do. */
  keepAlive(
    session: unknown,
    principal: Principal,
    timeoutMs: number,
    told: Told,
    origin?: Origin,
  ): void {
    try {
      this.expectOpen();
      const id = readSessionId(session);
      expectMay(principal, OF_A_CLIENT);
      const show = (result: KeptAlive): void => {
        told(this.tryTo(() => this.showLease(id, result)));
      };
      const about = { kind: 'keep-alive', origin };
      this.parts.gateway.keepAlive(id, principal.name, timeoutMs, show, about);
    } catch (fault) {
      told(this.problemOf(fault));
    }
  }

  /** Turned away before anything is read: that must cost next to nothing. */
  private take({ name }: Principal, told: Told, work: (tell: Told) => void): void {
    const { intake } = this.parts;
    try {
      this.expectOpen();
      intake.enter(name);
    } catch (fault) {
      told(this.problemOf(fault));
      return;
    }
    work((reply) => {
      intake.leave(name);
      told(reply);
    });
  }

  private submit(call: MutationCall, told: Told): void {
    try {
      const contract = this.contractOf(call.service);
      const principal = call.principal.name;
      const named = readName(call, principal, this.parts.hash);
      const acting = contract.actingAs?.(call.op, call.principal, 'client') ?? call.op;
      const operation = contract.operation(acting, named.naming);
      checkSize(operation);
      const { service, timeoutMs } = call;
      const { name, ackedBelow } = named;
      const about = aboutOf(call.op, call);
      this.parts.audit.permitted(call, contract.needs(call.op), told, (tell: Told) => {
        this.parts.gateway.submit(
          { name, ackedBelow, principal, service, operation, timeoutMs, about },
          (answer) => {
            this.answerMutation(call, contract, named, answer, tell);
          },
        );
      });
    } catch (fault) {
      told(this.problemOf(fault, call));
    }
  }

  private ask(call: QueryCall, told: Told): void {
    try {
      const contract = this.contractOf(call.service);
      const acting = contract.actingAs?.(call.query, call.principal, 'reader') ?? call.query;
      const query = contract.query(acting);
      checkSize(query);
      expectMay(call.principal, contract.needsOfQuery(call.query));
      const disputed = disputedOf(contract.belonging?.(call.query), call.principal);
      const { service, timeoutMs } = call;
      const show = (result: ReadResult): void => {
        told(this.tryTo(() => this.showRead(call, contract, result, disputed), call));
      };
      const about = aboutOf(call.query, call);
      const consistency = consistencyOf(call);
      this.parts.gateway.read({ service, query, consistency, timeoutMs, about }, show);
    } catch (fault) {
      told(this.problemOf(fault, call));
    }
  }

  private expectOpen(): void {
    const { refusal } = this.parts.door;
    if (refusal !== undefined) throw refusal;
  }

  private contractOf(service: unknown): ServiceContract {
    const contract = typeof service === 'string' ? this.parts.contracts.get(service) : undefined;
    if (contract !== undefined) return contract;
    const services = [...this.parts.contracts.keys()].join(', ');
    throw new Problem('unknown-service', `The services here are ${services}.`);
  }

  private answerMutation(
    call: MutationCall,
    contract: ServiceContract,
    named: Named,
    answer: Answer,
    told: Told,
  ): void {
    if (answer.kind === 'problem') {
      told(this.problemOfCode(answer.code));
      return;
    }
    const { replayed, refused } = answer;
    const again = replayed && !refused ? contract.replayQuery?.(call.op, named.naming) : undefined;
    if (again === undefined) {
      told(this.tryTo(() => this.showOutcome(call, contract, answer), call));
      return;
    }
    const { service, principal, timeoutMs } = call;
    const query: QueryCall = {
      service,
      principal,
      query: again,
      consistency: 'linearizable',
      minOp: 0,
      timeoutMs,
      origin: call.origin,
    };
    this.ask(query, (reply) => {
      const { opNumber } = answer;
      const place = { op: placeOf(answer), opNumber, replayed };
      told(reply instanceof Problem ? reply : { ...reply, ...place });
    });
  }

  private showOutcome(call: MutationCall, contract: ServiceContract, answer: Outcome): Reply {
    const { status, body } = contract.outcome(
      answer.bytes,
      call.op,
      call.signed === true ? this.signing : this.moment,
    );
    const { opNumber, replayed } = answer;
    return { status, body, op: placeOf(answer), opNumber, replayed };
  }

  private showRead(
    call: QueryCall,
    contract: ServiceContract,
    result: ReadResult,
    disputed: Belonging | undefined,
  ): Reply {
    if (result.kind === 'malformed') throw malformed(result.field, result.problem);
    if (result.kind === 'problem') throw this.problemOfCode(result.code);
    // Within the turn in which it was read: nothing has been executed since.
    if (disputed !== undefined) expectOwner(disputed, call.principal, this.parts.ownerOf);
    const { outcome, served, opNumber, clusterMs, lagMs } = result;
    const moment = this.signing.at(clusterMs);
    const { status, body } = contract.answer(outcome.bytes, call.query, moment);
    return { status, body, op: `${opNumber}`, opNumber, read: served, lagMs };
  }

  private showLease(id: string, result: KeptAlive): Reply {
    if (result.kind === 'problem') throw this.problemOfCode(result.code);
    return { status: 200, body: leaseBody(id, result, this.moment.at(result.clusterMs)) };
  }

  private problemOfCode(code: LocalCode): Problem {
    if (code === 'moved') return this.parts.door.moved();
    const retryAfterMs = RETRY_AFTER_MS[code];
    return new Problem(code, undefined, retryAfterMs === undefined ? {} : { retryAfterMs });
  }

  /** What is thrown is a problem, or a fault of ours, of which the client is told no more than that. */
  private problemOf(fault: unknown, { origin }: Originated = {}): Problem {
    if (fault instanceof Problem) return fault;
    this.parts.onFault(fault, origin);
    return new Problem('internal-error', 'This replica failed to read or to show it.');
  }

  private tryTo(show: () => Reply, call?: Originated): Reply | Problem {
    try {
      return show();
    } catch (fault) {
      return this.problemOf(fault, call);
    }
  }
}

const OF_A_CLIENT = [anywhere('client')];

type Outcome = Extract<Answer, { kind: 'outcome' }>;

const placeOf = ({ opNumber, index }: Outcome): string => `${opNumber}.${index}`;
