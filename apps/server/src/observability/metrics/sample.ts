export type LabelValues = Readonly<Record<string, string | number>>;

/** A value with its labels; one without a value is left out. */
export type Sample = readonly [labels: LabelValues, value: number | undefined];
