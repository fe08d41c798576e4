/** Where in the log an answer says that it was given: `op.index`; a read comes after all of its op. (decision 27) */
export interface Place {
  readonly op: number;
  readonly index: number;
}

/** Of `57.3` or `57`; undefined when there is none. */
export function readPlace(text: string | null | undefined): Place | undefined {
  const [, op, index] = /^(\d+)(?:\.(\d+))?$/.exec(text ?? '') ?? [];
  if (op === undefined) return undefined;
  return { op: Number(op), index: index === undefined ? Infinity : Number(index) };
}

export const byPlace = (a: Place, b: Place): number =>
  a.op - b.op || (a.index === b.index ? 0 : a.index - b.index);

export const showPlace = ({ op, index }: Place): string =>
  Number.isFinite(index) ? `${op}.${index}` : `${op}`;
