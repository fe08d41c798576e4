import { counter, fileSystem, lockManager } from '@lockstep/state-machines';
import type { Plugin } from '@lockstep/vr-core';

/** The services behind the log, in the order of their registration, which is part of the state. (decision 2) */
export const lockstepServices = (): readonly Plugin[] => [lockManager(), fileSystem(), counter()];

/** What replicas, and a backup, must agree on to compute the same: services in their order and formats. */
export const formatsOf = (services: readonly Plugin[]): readonly string[] =>
  services.map(({ name, formatVersion }) => `${name}/${formatVersion}`);
