import { hash } from 'node:crypto';
import {
  decodeFileAnswer,
  encodeFileRequest,
  fileSystem,
  MAIN_VOLUME,
  ROOT_INO,
  type FileOperation,
} from '@lockstep/state-machines';
import {
  clusterMs,
  createStateStore,
  opNumber,
  type ApplyContext,
  type ByteString,
  type StateMachine,
  type StateStore,
} from '@lockstep/vr-core';

const ROOT = { uid: 0, gids: [0], umask: 0, cwd: ROOT_INO };
const PLAINLY = { guards: [], dryRun: false };
const HASH_BYTES = 16;

/** Of what has nothing special about it. */
export const PLAIN = { sequential: false, life: { kind: 'permanent' } } as const;
export const PLAIN_DIRECTORY = { ...PLAIN, parents: false } as const;

/** The state machine of one replica with its store, without log, requests, disk and sockets. */
export class Volume {
  readonly store: StateStore = createStateStore((data) => this.#hash(data));
  /** Time spent on hashes of pages so far. */
  hashMs = 0;
  readonly #machine: StateMachine = fileSystem().create(this.store.tablesOf('files'));
  #opNumber = 0;

  /** Executes one operation as the log would have it, encoded. Throws unless it is done. */
  run(op: FileOperation): void {
    const request = { kind: 'one', volume: MAIN_VOLUME, caller: ROOT, ...PLAINLY, op } as const;
    const savepoint = this.store.savepoint();
    const outcome = this.#machine.apply(encodeFileRequest(request), this.#context());
    savepoint.release();
    if (!outcome.refused) return;
    const answer = decodeFileAnswer(outcome.bytes);
    throw new Error(`${op.kind} is refused: ${JSON.stringify(answer)}`);
  }

  /** As the server has it: SHA-256, cut short. */
  #hash(data: Uint8Array): ByteString {
    const startMs = performance.now();
    const digest = hash('sha256', data, 'binary').slice(0, HASH_BYTES) as ByteString;
    this.hashMs += performance.now() - startMs;
    return digest;
  }

  #context(): ApplyContext {
    this.#opNumber += 1;
    return {
      opNumber: opNumber(this.#opNumber),
      clusterMs: clusterMs(this.#opNumber),
      sessions: { find: () => undefined },
      index: 0,
      wallSeconds: 1_700_000_000,
      wallNanos: this.#opNumber % 1_000_000_000,
      session: undefined,
      principal: 'local',
      timers: { set: () => undefined, cancel: () => undefined },
      events: { publish: () => undefined },
      port: () => () => new Uint8Array(0),
      savepoint: () => this.store.savepoint(),
      charge: () => 0,
    };
  }
}
