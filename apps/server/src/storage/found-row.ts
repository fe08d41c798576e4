/** A row as it is found: nothing about it is believed. */
export type FoundRow = Readonly<Record<string, unknown>>;
