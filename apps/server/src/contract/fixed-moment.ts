import { GroupSecret, SECRET_BYTES } from '../config/group-secret';
import { SequencerKey } from './sequencer-key';
import type { Moment } from './service-contract';

/** The key of a group whose secret everybody knows: for tests. */
export const KNOWN_KEY = new SequencerKey(new GroupSecret(new Uint8Array(SECRET_BYTES)));

/** A moment for tests that show answers without a replica. */
export const fixedMoment = (clusterMs: number, viewNumber = 0): Moment => ({
  clusterMs,
  epochNumber: 0,
  viewNumber,
  generation: 1,
  sequencerOf: (grant) => KNOWN_KEY.sequencerOf(grant, 1),
  isGenuine: (sequencer) => KNOWN_KEY.isGenuine(sequencer),
});
