import type { LogEntry, Message } from '@lockstep/vr-core';
import { createHash } from 'node:crypto';
import { leadsIn, saysAgain, STANDING_MS } from './core-under-test';
import { isChanging, type World } from './world';
import type { ReplicaState } from '../../libs/vr-core/src/state/replica-state';

/** Of the whole state: the same in all of a world, or, as what has been executed, a function of the log. */
const CONSTANT = ['limits', 'hash', 'execution'];

/**
 * What no behaviour depends on in these worlds: the clocks stand still, every limit is nothing or never, nobody reads.
 * Told apart, states would be many and the same.
 */
const WITHOUT_EFFECT = [
  'atMs',
  'beatAtMs',
  'clampedMs',
  'clockMs',
  'enteredAtMs',
  'failed',
  'lastMs',
  'lastTickMs',
  'making',
  'normalSinceMs',
  'progressAtMs',
  'rates',
  'sentAtMs',
  'silentMs',
  'sinceMs',
  'touchesSinceMs',
  'wall',
];

/** Numbers of PREPAREs and COMMITs, which leases are counted from. */
const BEATS = ['afterBeat', 'beat', 'seenBeat'];

/** When somebody was asked or told: of no effect where nobody fetches, or where all is said again at once. */
const TIMES_OF_QUESTIONS = ['askedAtMs', 'askedViewAtMs', 'hintedAtMs'];

/** How much witnesses hold, which is little here; and since when they were not needed. */
const OF_WITNESSES = ['countedBase', 'countedBytes', 'countedOp', 'droppedBytes', 'seenCommit'];

/** Of the cluster clock, which stands still; of requests that wait for ever; of leases, which a step counts for. */
const PLAIN_TIMES = new Set([
  'baseMs',
  'integratedMs',
  'deadlineMs',
  'clusterMs',
  'lastsMs',
  'leaseRemainingMs',
  'monotonicMs',
  'wallMs',
]);

/** Set anew when a view begins, and looked at by its primary only. */
const OF_PRIMARIES = new Set(['clock', 'newViewOp', 'toldCommit']);

/** Counters that are only ever compared with each other. */
const RELATIVE = new Set(['storeNumber', 'logVersion']);

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Writes down what a replica holds so that two that cannot behave differently read the same: distances
 * for counters, hashes for entries. A field that nobody has thought about is written as it is; an unknown time is an error.
 */
export class CanonicalForm {
  private readonly messages = new WeakMap<object, string>();
  private readonly bytes = new WeakMap<Uint8Array, string>();
  private readonly ignored: ReadonlySet<string>;
  /** What a backup holds below the commit-number matters to witnesses only. */
  private readonly clampsHeld: boolean;
  private readonly constant: ReadonlySet<string>;
  private view = 0;
  private committed = 0;
  private leads = false;
  private recovers = false;
  private bases: Pick<ReplicaState['stores'], 'storeNumber' | 'logVersion'> = {
    storeNumber: 0,
    logVersion: 0,
  };

  constructor(world: World) {
    const { witnesses, clockMax } = world;
    this.clampsHeld = witnesses === 0;
    const constant = [...CONSTANT];
    if (witnesses === 0) constant.push('witness');
    if (clockMax === 0) constant.push('leases');
    this.constant = new Set(constant);
    this.ignored = ignoredIn(world);
  }

  /** A digest of the state: equal for equal behaviour. */
  ofState(state: ReplicaState): string {
    this.bases = state.stores;
    this.view = state.viewNumber;
    this.committed = state.commitNumber;
    this.leads = leadsIn(state);
    this.recovers = state.status === 'recovering';
    const text = `${this.fields(state, this.constant)}executed ${state.execution.executed}`;
    return createHash('sha1').update(text).digest('base64');
  }

  /** Equal for messages that say the same. */
  ofMessage(message: Message): string {
    const known = this.messages.get(message);
    if (known !== undefined) return known;
    const text = this.fields(message);
    this.messages.set(message, text);
    return text;
  }

  private written(value: unknown, key: string): string {
    switch (typeof value) {
      case 'number':
        return this.number(value, key);
      case 'object':
        return value === null ? 'null' : this.object(value, key);
      case 'string':
        return `"${value}"`;
      case 'function':
        throw new TypeError(`${key} is a function: it cannot be compared`);
      default:
        return String(value);
    }
  }

  private number(value: number, key: string): string {
    if (key === 'heardAtMs') return 'heard';
    if (key === 'held' && this.clampsHeld) return String(Math.max(value, this.committed));
    if (TIMES_OF_QUESTIONS.includes(key)) return value >= STANDING_MS ? 'asked' : '-';
    if (RELATIVE.has(key)) return String(value - this.bases[key as keyof typeof this.bases]);
    if (key.endsWith('Ms') && !PLAIN_TIMES.has(key)) {
      throw new TypeError(`${key} is a time of which nobody has said how it counts`);
    }
    return String(value);
  }

  private object(value: object, key: string): string {
    if (value instanceof Uint8Array) return this.ofBytes(value);
    if (Array.isArray(value)) return this.list(value, key);
    if (value instanceof Map) {
      return this.list(
        [...(value as ReadonlyMap<unknown, unknown>)].map(([at, one]) => [at, one]),
        key,
      );
    }
    if ('encoded' in value) return nameOfEncoded(value);
    if ('kind' in value && 'replicaNumber' in value) return this.ofMessage(value as Message);
    return this.fields(value);
  }

  /** Arrays by replica-number have holes: what is not there, and what is nothing, are the same. */
  private list(values: readonly unknown[], key: string): string {
    let text = '[';
    values.forEach((value, at) => {
      if (value === undefined || (key === 'votes' && this.isPast(value))) return;
      text += `${at}:${this.written(value, key)},`;
    });
    return `${text}]`;
  }

  /** A vote for a view that has been reached: only votes for later ones are counted. */
  private isPast(vote: unknown): boolean {
    return (vote as { viewNumber: number }).viewNumber <= this.view;
  }

  private fields(value: object, left: ReadonlySet<string> = NOTHING): string {
    let text = '{';
    for (const key of Object.keys(value).sort()) {
      if (left.has(key) || this.ignored.has(key)) continue;
      if (!this.leads && OF_PRIMARIES.has(key)) continue;
      if (!this.recovers && key === 'responses') continue;
      const field = (value as Record<string, unknown>)[key];
      const counted = key === 'refused' ? refusals(value as { refused: number }) : field;
      text += `${key}:${this.written(counted, key)},`;
    }
    return `${text}}`;
  }

  private ofBytes(value: Uint8Array): string {
    const known = this.bytes.get(value);
    if (known !== undefined) return known;
    const text = createHash('sha1').update(value).digest('base64');
    this.bytes.set(value, text);
    return text;
  }
}

function ignoredIn(world: World): ReadonlySet<string> {
  const { fetches, clockMax, witnesses } = world;
  const ignored = [...WITHOUT_EFFECT, ...OF_WITNESSES];
  if (clockMax === 0) ignored.push(...BEATS);
  if (witnesses === 0) ignored.push('lostPeers');
  if (!fetches || saysAgain(world)) ignored.push(...TIMES_OF_QUESTIONS);
  if (!fetches && !isChanging(world)) ignored.push('transfer');
  return new Set(ignored);
}

/**
 * How often a question was refused: an installation only asks whether all have done so, of whom there are fewer than six;
 * a witness whose turn it is, of the two or three there are.
 */
function refusals(value: { readonly refused: number }): number {
  return 'staged' in value ? Math.min(value.refused, 6) : value.refused % 6;
}

/** A log entry by its hash, which stands for all before it too; a request by its name. */
function nameOfEncoded(value: object): string {
  const { hash, name } = value as Partial<LogEntry & { name: string }>;
  const text = hash ?? name;
  if (text === undefined) throw new TypeError('neither an entry nor a request');
  return `#${text}`;
}
