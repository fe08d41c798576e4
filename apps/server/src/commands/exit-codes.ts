import { ConfigError, EXIT_FAILED, EXIT_REFUSED } from '../config/replica-config';
import { RefusedToStart } from '../storage/replica-storage';

/** No replica could be reached, or none could do it now: the same command may work later. (EX_UNAVAILABLE, sysexits.h) */
const EXIT_UNAVAILABLE = 69;

/** Nobody there could do it now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** It may not be done, and nothing was changed: the same command is refused again. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export function exitCodeOf(fault: unknown): number {
  if (fault instanceof Unavailable) return EXIT_UNAVAILABLE;
  const refused =
    fault instanceof Refused || fault instanceof ConfigError || fault instanceof RefusedToStart;
  return refused ? EXIT_REFUSED : EXIT_FAILED;
}

export const EXIT_CODES_HELP = `
Exit codes
  0   done
  2   wrong use, or refused: nothing was changed, and the same command will be refused again
  69  no replica could be reached, or none can do it now: try again later
  70  it failed; standard error says why`;
