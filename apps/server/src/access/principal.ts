import type { Grant } from './grant';

/** Who asks, and what he may. */
export interface Principal {
  /** Sessions and keyed requests belong to it; at most 256 bytes. */
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Who he is among files; undefined when he may act for anybody, root too. */
  readonly caller: FileIdentity | undefined;
  /** After this moment of the wall clock he is nobody; undefined for one that does not end. */
  readonly expiresAtMs: number | undefined;
}

export interface FileIdentity {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** Among files, somebody who is not said to be anybody. */
export const NOBODY: FileIdentity = { uid: 65_534, gids: [65_534] };

/** Whoever reaches an open port while there is no authentication: on loopback only. (decision 30) */
export const LOCAL: Principal = {
  name: 'local',
  grants: [{ role: 'admin', on: undefined }],
  caller: undefined,
  expiresAtMs: undefined,
};

/** A credential that was good may end while a connection lasts. */
export const hasExpired = ({ expiresAtMs }: Principal): boolean =>
  expiresAtMs !== undefined && expiresAtMs <= Date.now();
