import { malformed } from './problem';

/** A grant as a client hands it to a resource: which lock, how, and the number that only rises. (decision 38) */
export interface Grant {
  readonly lock: string;
  readonly mode: string;
  readonly fence: bigint;
  /** Cluster time at which it was given. */
  readonly grantedMs: number;
}

/** What a text claims to be. Whether it is genuine is for a key to say. */
export interface Sequencer {
  readonly lock: string;
  readonly mode: string;
  readonly fence: bigint;
  readonly signed: SignedPart | undefined;
}

interface SignedPart {
  readonly text: string;
  readonly signature: Buffer;
}

type Unsigned = Pick<Grant, 'lock' | 'mode' | 'fence'>;

/** `<lock>;<mode>;<fence>`: proves a grant only to whom asks the group. */
export const plainSequencer = ({ lock, mode, fence }: Unsigned): string =>
  `${lock};${mode};${fence}`;

/** What is signed: `<lock>;<mode>;<fence>;<generation>;<grantedMs>`, in UTF-8. The signature follows, after one more `;`. */
export const textToSign = (grant: Grant, generation: number): string =>
  `${plainSequencer(grant)};${generation};${grant.grantedMs}`;

/** The lock's name may hold semicolons, what follows it does not; no fence is as long as a signature. */
const PLAIN = /^([^]+);([a-z-]+);(0|[1-9]\d{0,18})$/;
const SIGNED =
  /^(([^]+);([a-z-]+);(0|[1-9]\d{0,18});[1-9]\d{0,9};(?:0|[1-9]\d{0,15}));([A-Za-z0-9_-]{86})$/;

/** Reads both forms. Throws `Problem`, naming the field. */
export function parseSequencer(text: unknown, field: string): Sequencer {
  return parseSigned(text) ?? parsePlain(text, field);
}

function parseSigned(text: unknown): Sequencer | undefined {
  const [, signedText, lock, mode, fence, signature] =
    (typeof text === 'string' && SIGNED.exec(text)) || [];
  if (signedText === undefined || lock === undefined || mode === undefined) return undefined;
  if (fence === undefined || signature === undefined) return undefined;
  const signed = { text: signedText, signature: Buffer.from(signature, 'base64url') };
  return { lock, mode, fence: BigInt(fence), signed };
}

function parsePlain(text: unknown, field: string): Sequencer {
  const [, lock, mode, fence] = (typeof text === 'string' && PLAIN.exec(text)) || [];
  if (lock === undefined || mode === undefined || fence === undefined)
    throw malformed(field, 'must be a sequencer, as an acquire answers it');
  return { lock, mode, fence: BigInt(fence), signed: undefined };
}
