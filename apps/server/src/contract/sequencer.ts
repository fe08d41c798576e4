import { malformed } from './problem';

/** A grant as a client hands it to a resource: which lock, how, and the number that only rises. (decision 38) */
export interface Grant {
  readonly lock: string;
  readonly mode: string;
  readonly fence: bigint;
}

/** `<lock>;<mode>;<fence>`: it is not signed yet, and proves nothing to whom does not ask. */
export const sequencerOf = ({ lock, mode, fence }: Grant): string => `${lock};${mode};${fence}`;

/** The lock's name may hold semicolons, mode and fence do not. */
const SEQUENCER = /^([^]+);([a-z-]+);(0|[1-9]\d{0,18})$/;

export function parseSequencer(text: unknown, field: string): Grant {
  const [, lock, mode, fence] = (typeof text === 'string' && SEQUENCER.exec(text)) || [];
  if (lock === undefined || mode === undefined || fence === undefined)
    throw malformed(field, 'must be a sequencer, as an acquire answers it');
  return { lock, mode, fence: BigInt(fence) };
}
