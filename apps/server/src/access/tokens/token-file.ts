import { readFile, stat } from 'node:fs/promises';
import { reasonOf } from '../../storage/fault';
import { sha256Of } from './token-hash';

const TOKEN_CHARACTERS_MIN = 20;
const TOKEN_CHARACTERS_MAX = 4_096;

/** What tells one state of a file from another without reading it; of one that cannot be read, why not. */
type Mark = string;

/** A token that stands in a file, as stores of secrets lay them down; who changes the file changes the token. */
export class TokenFile {
  readonly path: string;
  private mark: Mark | undefined;
  private hash: Buffer | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** The SHA-256 of the token; undefined while there is none to be read. */
  get current(): Buffer | undefined {
    return this.hash;
  }

  /** True when the token has changed. A file that is gone takes its token with it: `fault` says why. */
  async look(): Promise<{ readonly changed: boolean; readonly fault?: string }> {
    try {
      const mark = await markOf(this.path);
      if (mark === this.mark) return { changed: false };
      const hash = sha256Of(readToken(await readFile(this.path, 'utf8')));
      this.mark = mark;
      return { changed: this.replace(hash) };
    } catch (fault) {
      const reason = reasonOf(fault);
      const changed = this.replace(undefined) || this.mark !== reason;
      this.mark = reason;
      return { changed, fault: reason };
    }
  }

  private replace(hash: Buffer | undefined): boolean {
    const isSame = hash === undefined ? this.hash === undefined : this.hash?.equals(hash) === true;
    this.hash = hash;
    return !isSame;
  }
}

async function markOf(path: string): Promise<Mark> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function readToken(text: string): string {
  const token = text.trim();
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token))
    throw new Error('it must hold one token of letters, digits and ._~+/-');
  if (token.length < TOKEN_CHARACTERS_MIN || token.length > TOKEN_CHARACTERS_MAX)
    throw new Error(`a token has ${TOKEN_CHARACTERS_MIN} to ${TOKEN_CHARACTERS_MAX} characters`);
  return token;
}
