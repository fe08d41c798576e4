import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '../../observability/logger';
import type { Principal } from '../principal';
import { TokenFile } from './token-file';
import { sha256Of } from './token-hash';

/** How soon a changed file is noticed. */
const LOOK_MS = 1_000;

/** One token of the configuration. */
export interface TokenEntry {
  readonly principal: Principal;
  readonly source: Buffer | TokenFile;
}

interface Kept {
  readonly source: Buffer | TokenFile;
  readonly standing: Principal;
  /** A copy for as long as the token is this one: connections hold it, and its end is theirs. */
  principal: Revocable;
}

/** Its end is set when its token is taken back. */
type Revocable = { -readonly [K in keyof Principal]: Principal[K] };

/** Tokens that are the same until somebody changes them. */
export class StaticTokens {
  private readonly kept: readonly Kept[];
  private readonly logger: Pick<Logger, 'info' | 'warn'>;
  private looking: NodeJS.Timeout | undefined;

  constructor(entries: readonly TokenEntry[], logger: Pick<Logger, 'info' | 'warn'>) {
    this.logger = logger;
    this.kept = entries.map(({ source, principal }) => ({
      source,
      standing: principal,
      principal: { ...principal },
    }));
  }

  /** Reads the files, now and whenever they change. */
  async start(): Promise<void> {
    await this.look();
    if (!this.kept.some(({ source }) => source instanceof TokenFile)) return;
    this.looking = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.looking);
  }

  /** In a time that says nothing about which one it is, or how much of it was right. */
  find(token: string): Principal | undefined {
    const hash = sha256Of(token);
    let found: Principal | undefined;
    for (const { source, principal } of this.kept) {
      const wanted = source instanceof TokenFile ? source.current : source;
      if (wanted !== undefined && timingSafeEqual(hash, wanted)) found = principal;
    }
    return found;
  }

  private async look(): Promise<void> {
    for (const each of this.kept) {
      if (!(each.source instanceof TokenFile)) continue;
      const { changed, fault } = await each.source.look();
      if (changed) this.replace(each);
      const of = { principal: each.standing.name, file: each.source.path };
      if (changed && fault === undefined) this.logger.info(of, 'a token was read');
      if (changed && fault !== undefined)
        this.logger.warn({ ...of, fault }, 'a token cannot be read: nobody has it');
    }
  }

  private replace(each: Kept): void {
    each.principal.expiresAtMs = 0;
    each.principal = { ...each.standing };
  }
}
