import type { LockMode } from './lock';

export interface LockHolder {
  readonly session: string;
  readonly owner: string;
  readonly mode: LockMode;
  readonly permits?: number;
  readonly fence: string;
  /** How long it has held, and at least will. */
  readonly sinceMs: number;
  readonly expiresInMs: number;
  readonly maxHoldLeftMs?: number;
  readonly note: string;
  /** It was asked to give the lock up. */
  readonly breaking?: { readonly by: string; readonly reason: string; readonly leftMs: number };
}

export interface LockWaiter {
  readonly request: string;
  readonly session: string;
  readonly owner: string;
  readonly mode: LockMode;
  readonly priority: number;
  readonly position: number;
  /** It holds the lock and wants it in this mode. */
  readonly converts: boolean;
  /** It waits for a lock below this one. */
  readonly below: boolean;
  readonly note: string;
}

export interface LockView {
  readonly name: string;
  readonly holders: readonly LockHolder[];
  readonly waiters: readonly LockWaiter[];
  readonly semaphore?: SemaphoreState;
  /** The value block: text, or base64 where it is none. */
  readonly value?: string;
  readonly valueBase64?: string;
}

export interface SemaphoreState {
  readonly limit: number;
  readonly used: number;
  readonly free: number;
  /** The limit was set by itself, and stays when nobody uses the semaphore. */
  readonly pinned: boolean;
}
