import { bytes, list } from '../encoding/shape';

/** At most this many bytes of entries travel in one message; who needs more asks again. */
export const ENTRY_BYTES_PER_MESSAGE = 1 << 20;

/** The end of the log that travels with a message; as a rule it reaches below what the receiver has executed. (VRR §5.3) */
export const SUFFIX_BYTES = 128 * 1024;

/** An entry may be as large as a full batch and a little more. */
export const ENTRY_BYTES_MAX = 4 << 20;

/** Encoded log entries in order, without a gap. They are hashed and chained by the receiver. */
export type Entries = readonly Uint8Array[];

export const entriesShape = list(bytes(ENTRY_BYTES_MAX), 1 << 16);
