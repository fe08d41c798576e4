/** The fields that are there: an absent field and one set to nothing are not the same on the wire. */
export function without<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** A value block on the wire: text as it is, bytes in base64. */
export const valueFields = (
  value: string | Uint8Array | undefined,
): { readonly value?: string; readonly valueBase64?: string } => {
  if (value === undefined) return {};
  if (typeof value === 'string') return { value };
  return { valueBase64: Buffer.from(value).toString('base64') };
};
