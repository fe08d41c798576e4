/** Values of JSON, as they come from clients and go to them. A field that is undefined is absent. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [field: string]: JsonValue | undefined;
}

/** The text of a field that should be one; empty when it is not. */
export const textOf = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : '';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
