import type { Epoch } from '@lockstep/vr-core';
import type { DurabilityMode } from '../storage/replica-storage';
import type { GroupSecret } from './group-secret';
import type { LogLevel } from './log-level';
import type { Settings } from './settings/settings';

/** Everything one replica process is told, checked at its start. */
export interface ReplicaConfig {
  /** The folder of this replica alone: identity, secret, promise, log. Absolute. */
  readonly dataFolder: string;
  readonly identity: ReplicaIdentity;
  readonly secret: GroupSecret;
  readonly mode: DurabilityMode;
  /** Everything on the disk is gone, the promise too: come back fenced. (E1 b; decision 3) */
  readonly recover: boolean;
  /** Where REST, `/peers` and `/client` listen. */
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  /** All that is optional, or the same at every replica of the group. */
  readonly settings: Settings;
}

/** Who this replica is: written once, when its folder was made. (decision 33) */
export interface ReplicaIdentity {
  readonly groupId: string;
  /** Never used again for another machine or an emptied folder. (E33) */
  readonly nodeId: string;
  /** Its own for ever, in whatever epoch. (E33) */
  readonly replicaNumber: number;
  /** Raised when a group is started again from a backup or from what a disaster left. (decision 6) */
  readonly generation: number;
  readonly mode: DurabilityMode;
  /** `http://host:port`, where this replica listens: for clients and peers alike. */
  readonly url: string;
  /** The newest epoch known when the folder was made; what has begun since is in the promise. */
  readonly epoch: Epoch;
  /** Where replicas listen now that have moved together since, by node id: in place of what epochs say. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What the group was made of; undefined for one that was made of nothing. */
  readonly origin?: GroupOrigin | undefined;
}

/** A group that took over the state of another: shown for ever, because something may be missing from it. */
export interface GroupOrigin {
  /** From a backup; or without its quorum, from what was left of it. */
  readonly kind: 'restored' | 'recovered';
  readonly groupId: string;
  readonly generation: number;
  /** The last op of that group that it has. */
  readonly op: number;
  /** When: ISO 8601, UTC. */
  readonly at: string;
  /** For people: the file, or which folders were there. */
  readonly source: string;
}

/** Wrong configuration or a folder that may not be served: nothing was changed; the same start fails again. */
export const EXIT_REFUSED = 2;
/** The disk failed or an invariant is broken (EX_SOFTWARE of sysexits.h): a new start may help. */
export const EXIT_FAILED = 70;

/** One setting is wrong. The message names it and says what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly key: string;

  constructor(key: string, problem: string) {
    super(`${key}: ${problem}`);
    this.key = key;
  }
}
