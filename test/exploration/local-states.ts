import type { Message, OpNumber } from '@lockstep/vr-core';
import { CanonicalForm } from './canonical-form';
import { leadsIn, type CoreUnderTest } from './core-under-test';
import { keyOfDisk } from './disk';
import { Lives, type Taken } from './lives';
import type { Event, LocalState, Move } from './local-state';
import { EMPTY, LogPrefixes } from './log-prefixes';
import { MessageTable } from './message-table';
import type { RunningReplica, Step } from './running-replica';
import { stampOf, Testimonies, type Observation } from './testimony';
import { viewMaxIn, type World } from './world';

type Origin = Pick<LocalState, 'replica' | 'testimony'>;

/**
 * All that one replica can become, found step by step: what follows for a replica depends on nothing but its own state
 * and what happens to it, so each such step is made once, by the real core, whatever the others are doing meanwhile.
 */
export class LocalStates {
  readonly messages: MessageTable;
  readonly testimonies: Testimonies;
  readonly lives: Lives;
  private readonly form: CanonicalForm;
  private readonly prefixes = new LogPrefixes();
  private readonly states: LocalState[] = [];
  private readonly byKey = new Map<string, LocalState>();
  private readonly world: World;

  constructor(world: World, coreUnderTest: CoreUnderTest) {
    this.world = world;
    this.form = new CanonicalForm(world);
    this.messages = new MessageTable(this.form);
    this.testimonies = new Testimonies(this.prefixes);
    this.lives = new Lives(coreUnderTest, this.messages, world);
  }

  get size(): number {
    return this.states.length;
  }

  at(id: number): LocalState {
    const state = this.states[id];
    if (state === undefined) throw new RangeError(`there is no local state ${id}`);
    return state;
  }

  /** A replica's very first start. */
  first(replica: number): Move {
    const taken = this.lives.first(replica);
    return this.judge({ replica, testimony: 0 }, undefined, { kind: 'start' }, taken);
  }

  after(state: LocalState, event: Event): Move {
    return this.judge(state, state, event, this.lives.take(state, event));
  }

  private judge(
    { replica, testimony }: Origin,
    before: LocalState | undefined,
    event: Event,
    { running, step }: Taken,
  ): Move {
    const isStart = event.kind === 'start' || event.kind === 'crash';
    for (const entry of step.appended) this.prefixes.add(entry);
    const observation = this.observe(running, step);
    const extended = this.testimonies.extended(testimony, observation);
    const to = this.intern({
      replica,
      before,
      event,
      memory: this.form.ofState(running.state),
      disk: running.disk,
      // Another way to `before` may have begun with another disk; this is the one that its own way began with.
      foundDisk: isStart || before === undefined ? running.foundDisk : before.foundDisk,
      clock: running.clock,
      foundClock: isStart || before === undefined ? running.clock : before.foundClock,
      testimony: extended.testimony,
      status: running.state.status,
      epoch: running.state.epochNumber,
      view: running.state.viewNumber,
      leads: observation.leads !== undefined,
      committed: observation.committed,
      readsAlone: this.world.clockMax > 0 && running.readsAlone,
      isWitness:
        replica >= this.world.members - this.world.witnesses && replica < this.world.members,
      letGo: running.state.log.base.opNumber,
    });
    this.lives.keep(to, running);
    const takenBack = isStart ? undefined : this.takenBack(before, running);
    const broken = step.fault ?? takenBack ?? extended.broken;
    return { event, to, sent: this.sentIn(step, running.state, before), broken };
  }

  /** A life never goes back: not its view, not what it knows to be committed, not one entry of that. (I3, I4) */
  private takenBack(before: LocalState | undefined, running: RunningReplica): string | undefined {
    if (before === undefined) return undefined;
    const { epochNumber, viewNumber, commitNumber, log } = running.state;
    if (stampOf(epochNumber, viewNumber) < stampOf(before.epoch, before.view)) {
      return `I3: view ${viewNumber} of epoch ${epochNumber} follows view ${before.view} of epoch ${before.epoch}`;
    }
    const op = this.prefixes.opOf(before.committed) as OpNumber;
    if (commitNumber < op) return `I4: commit-number ${commitNumber} follows ${op}`;
    const isHeld = log.hashAt(op) === this.prefixes.hashOf(before.committed);
    if (isHeld || op < log.base.opNumber) return undefined;
    return `I4: op ${op}, known to be committed, is no longer in the log`;
  }

  private observe({ state }: RunningReplica, { sent }: Step): Observation {
    const known = Math.min(state.commitNumber, state.log.opNumber) as OpNumber;
    const hash = state.log.hashAt(known);
    const committed = hash === undefined ? EMPTY : this.prefixes.endingWith(hash);
    const leads = leadsIn(state) ? stampOf(state.epochNumber, state.viewNumber) : undefined;
    return { committed, leads, begins: this.beginning(state, sent) };
  }

  /** A view begins with a STARTVIEW that says with what log; an epoch with what its primary has then. (VRR §7.1.1) */
  private beginning(state: RunningReplica['state'], sent: Step['sent']): Observation['begins'] {
    const start = sent.map(({ message }) => message).find(isStartView);
    const isEpochs = state.epochNumber > 0 && state.viewNumber === 0 && leadsIn(state);
    if (start === undefined && !isEpochs) return undefined;
    const { epochNumber, viewNumber } = start ?? state;
    const hash = start?.headHash ?? state.log.headHash;
    return { view: stampOf(epochNumber, viewNumber), prefix: this.prefixes.endingWith(hash) };
  }

  private sentIn(
    { sent }: Step,
    { status, epochNumber, viewNumber }: RunningReplica['state'],
    before: LocalState | undefined,
  ): readonly number[] {
    const isLearner = status === 'learner';
    const led =
      before?.leads === true && before.epoch === epochNumber && before.view === viewNumber;
    const arriving = sent.filter(
      ({ message }) =>
        this.mayArrive(message, isLearner) && (this.world.hints || !led || !isStartView(message)),
    );
    return Array.from({ length: this.world.replicas }, (_, receiver) =>
      this.messages.sets.of(
        arriving
          .filter(({ to }) => to === receiver)
          .map(({ to, message }) => this.messages.idOf(to, message)),
      ),
    );
  }

  private mayArrive({ kind, epochNumber, viewNumber }: Message, isOfLearner: boolean): boolean {
    const { neverArrive, fetches, hints } = this.world;
    if (kind === 'GetState' && !fetches && !isOfLearner) return false;
    if (HINTS.has(kind) && !hints) return false;
    return viewNumber <= viewMaxIn(this.world, epochNumber) && !neverArrive.includes(kind);
  }

  private intern(draft: Omit<LocalState, 'id'>): LocalState {
    const { replica, memory, disk, testimony, clock } = draft;
    const key = `${replica}${memory}${keyOfDisk(disk)}|${testimony}|${clock}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const state = { ...draft, id: this.states.length };
    this.states.push(state);
    this.byKey.set(key, state);
    return state;
  }
}

/** Said to those who seem to have missed a view; and so is a STARTVIEW of a view that has begun before. */
const HINTS: ReadonlySet<Message['kind']> = new Set(['GetView', 'ReadIndexOk']);

function isStartView(message: Message): message is Extract<Message, { kind: 'StartView' }> {
  return message.kind === 'StartView';
}
