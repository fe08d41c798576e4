import type { Epoch, Member, ReplicaView } from '@lockstep/vr-core';
import type { Principal } from '../../access/principal';
import { TIMEOUT_MS_MAX, type Calls } from '../../contract/calls';
import { replicaJson } from '../../contract/group-contract';
import { textOf, type JsonObject } from '../../contract/json';
import { Problem } from '../../contract/problem';
import { present } from '../../contract/service-contract';
import type { GroupStatus } from '../../replica-host/group-status';
import { settle } from '../rest';
import type { ReconfigureDto, ReplicaDto } from './cluster.dto';

/** What is refused is refused soon; what is taken may wait for long. */
const REFUSAL_MS = 1_500;
const ATTEMPTS_MAX = 16;

export interface ReconfigurationParts {
  readonly calls: Calls;
  readonly status: GroupStatus;
  readonly view: () => ReplicaView;
  readonly joiners: () => readonly Member[];
}

/** The reconfiguration that ends an epoch is named by the epoch that begins with it. (VRR §7) */
export class Reconfigurations {
  private readonly parts: ReconfigurationParts;
  /** Asked for at this door: undefined while it is under way, and why it came to nothing. */
  private readonly attempts = new Map<string, Problem | undefined>();

  constructor(parts: ReconfigurationParts) {
    this.parts = parts;
  }

  /** Rejects with what refuses it at once. What fails later is found by `find`. */
  async begin(
    wanted: ReconfigureDto,
    principal: Principal,
    key: string | undefined,
  ): Promise<JsonObject> {
    if (wanted.force === true)
      throw new Problem(
        'not-implemented',
        'A new replica is always waited for: leave force out, or make it false.',
        { field: 'force' },
      );
    const { epoch } = this.parts.view();
    const replicas = wanted.replicas.map((replica) => replicaJson(this.resolve(replica, epoch)));
    const before = wanted.epoch ?? epoch.configuration.epochNumber;
    const id = `${before + 1}`;
    const asked = settle((told) => {
      this.parts.calls.mutate(
        {
          service: 'group',
          op: { kind: 'reconfigure', epoch: before, replicas },
          principal,
          timeoutMs: wanted.timeoutMs ?? TIMEOUT_MS_MAX,
          key,
        },
        told,
      );
    });
    this.note(id, undefined);
    asked.catch((fault: unknown) => {
      this.note(id, fault instanceof Problem ? fault : new Problem('internal-error'));
    });
    const soon = await Promise.race([asked, pause(REFUSAL_MS)]);
    return { id, phase: soon === undefined ? 'warming' : 'starting', epoch: before + 1 };
  }

  /** How far it is, and each replica of it. The primary knows most. */
  async find(id: string): Promise<JsonObject> {
    const group = await this.parts.status.cluster();
    const replicas = group['replicas'] as readonly JsonObject[];
    const primary = replicas.find((replica) => replica['id'] === group['primary']);
    const progress = primary?.['reconfiguration'] as JsonObject | undefined;
    const phase = this.phaseOf(id, Number(group['epoch']), textOf(progress?.['phase']));
    if (phase === undefined) throw new Problem('unknown-reconfiguration', undefined, { id });
    const problem = phase === 'failed' ? this.attempts.get(id)?.toBody() : undefined;
    return present({ id, phase, problem, replicas: replicas.map(progressOf(progress)) });
  }

  private phaseOf(id: string, epoch: number, phase: string): string | undefined {
    const wanted = /^[1-9]\d{0,15}$/.test(id) ? Number(id) : Number.POSITIVE_INFINITY;
    if (wanted < epoch) return 'done';
    if (wanted === epoch) return phase === 'starting' ? 'starting' : 'done';
    if (wanted > epoch + 1) return undefined;
    if (phase === 'warming' || phase === 'committing') return phase;
    if (!this.attempts.has(id)) return undefined;
    return this.attempts.get(id) === undefined ? 'warming' : 'failed';
  }

  /** Who is meant: a member, or a node that has joined. */
  private resolve({ id, role, peerUrl, clientUrl }: ReplicaDto, { configuration }: Epoch): Member {
    const known =
      configuration.members.find((member) => member.nodeId === id) ??
      this.parts.joiners().find((joiner) => joiner.nodeId === id);
    if (known === undefined)
      throw new Problem(
        'reconfiguration-invalid',
        `${id} is no member, and no node that has joined: run npm run join first.`,
        { reasons: [{ code: 'unknown-replica', id }] },
      );
    return {
      ...known,
      role: role ?? known.role,
      peerUrl: peerUrl ?? known.peerUrl,
      clientUrl: clientUrl ?? known.clientUrl,
    };
  }

  private note(id: string, problem: Problem | undefined): void {
    this.attempts.delete(id);
    this.attempts.set(id, problem);
    const [oldest] = this.attempts.keys();
    if (this.attempts.size > ATTEMPTS_MAX && oldest !== undefined) this.attempts.delete(oldest);
  }
}

/** Of each replica what tells how far it is. */
const progressOf =
  (progress: JsonObject | undefined) =>
  (replica: JsonObject): JsonObject => {
    const known = (progress?.['replicas'] ?? []) as readonly JsonObject[];
    const { id, role, status, epoch, op, lag, transfer } = replica;
    const told = known.find((each) => each['id'] === id);
    return present({
      id,
      role,
      status,
      epoch,
      op,
      opsLeft: lag,
      transfer,
      warm: told?.['warm'],
      started: told?.['started'],
    });
  };

const pause = (ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms, undefined);
  });
