/** Failed attempts that an address has at once, and gets back over time. */
const BURST = 20;
const ONE_EVERY_MS = 1_000;
/** Addresses that are remembered. */
const ADDRESSES_MAX = 10_000;

interface Account {
  left: number;
  atMs: number;
}

/** How often an address may still fail: whoever guesses is slowed down. */
export class Attempts {
  private readonly accounts = new Map<string, Account>();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Milliseconds until the address may try again; 0 now. */
  waitMs(address: string): number {
    const account = this.refilled(address);
    return account === undefined || account.left >= 1
      ? 0
      : Math.ceil((1 - account.left) * ONE_EVERY_MS);
  }

  failed(address: string): void {
    const account = this.refilled(address) ?? { left: BURST, atMs: this.now() };
    account.left = Math.max(0, account.left - 1);
    // The last that failed is the last that is forgotten.
    this.accounts.delete(address);
    this.accounts.set(address, account);
    if (this.accounts.size <= ADDRESSES_MAX) return;
    const [oldest] = this.accounts.keys();
    if (oldest !== undefined) this.accounts.delete(oldest);
  }

  private refilled(address: string): Account | undefined {
    const account = this.accounts.get(address);
    if (account === undefined) return undefined;
    const now = this.now();
    account.left += (now - account.atMs) / ONE_EVERY_MS;
    account.atMs = now;
    if (account.left < BURST) return account;
    this.accounts.delete(address);
    return undefined;
  }
}
