/** How bytes travel in one direction. */
export type Condition =
  | { readonly kind: 'open' }
  /** Connections break, and no new one is taken. */
  | { readonly kind: 'cut' }
  /** Nothing arrives, and nobody is told; what was sent arrives when it is over, as TCP would have it. */
  | { readonly kind: 'mute' }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly bytesPerSecond: number };

export const OPEN: Condition = { kind: 'open' };
