import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** `closed`: the other end hung up without a whole answer; `silent`: there was none in time. */
export type Exchanged = HttpAnswer | 'closed' | 'silent';

/** HTTP/1.1 by hand, one request at a time: any bytes can be sent, and the connection is kept as long as it may be. */
export class HttpConnection {
  private readonly port: number;
  private socket: Socket | undefined;
  private received = Buffer.alloc(0);
  private wake: (() => void) | undefined;
  private over = false;

  constructor(port: number) {
    this.port = port;
  }

  async exchange(bytes: Buffer, patienceMs: number, isHead = false): Promise<Exchanged> {
    const isReused = this.socket !== undefined;
    this.open();
    this.received = Buffer.alloc(0);
    this.socket?.write(bytes);
    const answer = await this.answer(patienceMs, isHead);
    // A server may hang up on an idle connection just when it is used again. (RFC 9112 §9.3.1)
    if (answer === 'closed' && isReused && this.received.length === 0) {
      this.close();
      return this.exchange(bytes, patienceMs, isHead);
    }
    if (typeof answer === 'string' || mustClose(answer)) this.close();
    return answer;
  }

  /** Writes without waiting for anything. */
  send(bytes: Buffer): void {
    this.open();
    this.socket?.write(bytes);
  }

  /** All that comes until the other end hangs up, or until nothing has come for so long. */
  async rest(quietMs: number): Promise<Buffer> {
    for (;;) {
      const before = this.received.length;
      await this.more(quietMs);
      if (this.over || this.received.length === before) return this.received;
    }
  }

  /** What was not sent yet is not sent. */
  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private open(): void {
    if (this.socket !== undefined) return;
    this.over = false;
    this.received = Buffer.alloc(0);
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.socket = socket;
    socket.on('data', (data) => {
      if (this.socket !== socket) return;
      this.received = Buffer.concat([this.received, data]);
      this.wake?.();
    });
    const ended = (): void => {
      if (this.socket !== socket) return;
      this.over = true;
      this.wake?.();
    };
    socket.on('error', ended);
    socket.on('end', ended);
    socket.on('close', ended);
  }

  private async answer(patienceMs: number, isHead: boolean): Promise<Exchanged> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = readAnswer(this.received, isHead, this.over);
      if (answer !== undefined) return answer;
      if (this.over) return 'closed';
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return 'silent';
      await this.more(leftMs);
    }
  }

  private more(waitMs: number): Promise<void> {
    if (this.over) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, waitMs);
      this.wake = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}

/** A stream of events has no end, and its connection is of no further use. */
const isStream = ({ headers }: Pick<HttpAnswer, 'headers'>): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') ?? false;

const mustClose = (answer: HttpAnswer): boolean =>
  answer.headers.get('connection') === 'close' || answer.status === 101 || isStream(answer);

/** Undefined while it is not all there. */
export function readAnswer(data: Buffer, isHead: boolean, over: boolean): HttpAnswer | undefined {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = data.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const rest = data.subarray(end + 4);
  if (status === 100) return readAnswer(rest, isHead, over);
  const headers = new Map(lines.map(fieldOf));
  const hasNone = isHead || status === 204 || status === 304 || status === 101;
  const body = hasNone || isStream({ headers }) ? Buffer.alloc(0) : bodyOf(rest, headers, over);
  return body && { status, headers, body };
}

function fieldOf(line: string): readonly [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}

function bodyOf(rest: Buffer, headers: HttpAnswer['headers'], over: boolean): Buffer | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return unchunked(rest);
  const length = headers.get('content-length');
  if (length === undefined) return over ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

function unchunked(rest: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = rest.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = Number.parseInt(rest.subarray(at, end).toString('latin1'), 16);
    const next = end + 2 + size + 2;
    if (next > rest.length) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(end + 2, end + 2 + size));
    at = next;
  }
}
