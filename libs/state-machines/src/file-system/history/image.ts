/** What is kept of a key: that nothing was there, or what was. No image of something is empty. */
const NOTHING_THERE = new Uint8Array(0);

export function toImage(before: Uint8Array | undefined): Uint8Array {
  if (before === undefined) return NOTHING_THERE;
  const image = new Uint8Array(before.length + 1);
  image.set(before, 1);
  return image;
}

/** Undefined: nothing was there. */
export function fromImage(image: Uint8Array): Uint8Array | undefined {
  return image.length === 0 ? undefined : image.subarray(1);
}
