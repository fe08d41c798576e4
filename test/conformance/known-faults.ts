/** A case that fails because the state machine is wrong, until it is mended. */
export interface KnownFault {
  /** Fits the names of the cases that fail. */
  readonly cases: RegExp;
  /** The rule, and where the code breaks it. */
  readonly reason: string;
}

/** An entry whose cases all pass fails: whoever mends the fault takes it out. */
export const KNOWN_FAULTS: readonly KnownFault[] = [];
