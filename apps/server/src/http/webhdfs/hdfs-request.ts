import type { JsonObject } from '../../contract/json';
import { bytesField, percentDecode, readBytes } from '../../contract/path-bytes';
import { malformed } from '../../contract/problem';
import type { Exchange } from '../exchange';

const FILE_PATH = /^\/webhdfs\/v1(?:\/([^?]*))?(?:\?|$)/;

/** A request of WebHDFS: its path, its parameters, and who asks. */
export class HdfsRequest {
  /** `{path}` or `{pathBase64}`. */
  readonly path: JsonObject;
  private readonly parameters: ReadonlyMap<string, string>;

  constructor({ request }: Pick<Exchange, 'request'>) {
    const [, encoded = ''] = FILE_PATH.exec(request.originalUrl) ?? [];
    const bytes = percentDecode(`/${encoded}`, 'path');
    // A slash at the end means nothing to HDFS.
    this.path = bytesField('path', bytes.replace(/(.)\/+$/, '$1') as typeof bytes);
    this.parameters = parametersOf(request.originalUrl);
  }

  get op(): string {
    return (this.text('op') ?? '').toUpperCase();
  }

  /** Names of parameters do not care for case. */
  text(name: string): string | undefined {
    const value = this.parameters.get(name);
    return value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw malformed(name, 'is missing');
    return value;
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw malformed(name, 'must be an integer');
    return number;
  }

  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === 'false') return false;
    if (value === 'true') return true;
    throw malformed(name, 'must be true or false');
  }

  /** Octal, as `755`. */
  permission(name: string, standard: number): number {
    const value = this.text(name);
    if (value === undefined) return standard;
    if (!/^[0-7]{1,4}$/.test(value)) throw malformed(name, 'must be octal, like 755');
    return Number.parseInt(value, 8);
  }

  /** A user or a group: here they are numbers, and `root`. */
  id(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : idOf(value, name);
  }

  /** HDFS has no umask on the server: modes are what the client says. */
  get caller(): JsonObject {
    const uid = this.id('doas') ?? this.id('user.name') ?? 0;
    return { uid, gids: [uid], umask: 0 };
  }

  /** The path of something in this directory. */
  within(name: string): JsonObject {
    const bytes = readBytes(this.path, 'path') ?? '/';
    const below = Buffer.from(name, 'utf8').toString('latin1');
    return bytesField('path', `${bytes === '/' ? '' : bytes}/${below}` as never);
  }

  /** The directory this is in. */
  get above(): JsonObject {
    const bytes = readBytes(this.path, 'path') ?? '/';
    return bytesField('path', (bytes.slice(0, bytes.lastIndexOf('/')) || '/') as never);
  }

  /** The last component. */
  get baseName(): string {
    const bytes = readBytes(this.path, 'path') ?? '/';
    return Buffer.from(bytes.slice(bytes.lastIndexOf('/') + 1), 'latin1').toString('utf8');
  }
}

export function idOf(value: string, field: string): number {
  if (value === 'root') return 0;
  if (/^\d{1,10}$/.test(value) && Number(value) <= 2 ** 32 - 2) return Number(value);
  throw malformed(field, 'must be a number, or root: users and groups have no other names here');
}

/** How ids are shown to clients that know users by their names. */
export const nameOfId = (id: unknown): string => (id === 0 ? 'root' : String(id));

function parametersOf(url: string): ReadonlyMap<string, string> {
  const at = url.indexOf('?');
  const parameters = new Map<string, string>();
  if (at < 0) return parameters;
  for (const [name, value] of new URLSearchParams(url.slice(at + 1)))
    parameters.set(name.toLowerCase(), value);
  return parameters;
}
