import type { EventPosition, OpNumber } from '@lockstep/vr-core';
import { malformed } from './problem';

/** Behind every event of an op. */
export const LAST_OF_OP = 0xffff_ffff;

const PLACE = /^(0|[1-9]\d{0,15})(?:-(0|[1-9]\d{0,9}))?$/;

/** The id of an event: `<op>-<n>`, its place in the order of all events. */
export const placeId = ({ opNumber, n }: EventPosition): string => `${opNumber}-${n}`;

/** `<op>-<n>`, or `<op>` for the end of that op. Throws `Problem`, naming the field. */
export function readPlace(value: string, field: string): EventPosition {
  const [, op, n] = PLACE.exec(value) ?? [];
  const place = { opNumber: Number(op) as OpNumber, n: n === undefined ? LAST_OF_OP : Number(n) };
  if (!Number.isSafeInteger(place.opNumber) || place.n > LAST_OF_OP)
    throw malformed(field, 'must be the id of an event, such as 57-0, or an op-number');
  return place;
}
