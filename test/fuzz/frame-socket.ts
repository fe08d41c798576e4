import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Decoder, Encoder } from 'socket.io-msgpack-parser';

const PATIENCE_MS = 60_000;

/** A packet of socket.io as msgpack has it. */
export interface Packet {
  readonly type: unknown;
  readonly nsp: unknown;
  readonly data?: unknown;
  readonly id?: unknown;
}

export const packed = (packet: unknown): Buffer => {
  const [bytes] = new Encoder().encode(packet) as unknown as Uint8Array[];
  return Buffer.from(bytes ?? []);
};

export type Opcode = 1 | 2 | 8 | 9 | 10;

/** A websocket by hand, on the port of a replica: any bytes can be sent in a frame, and frames can be wrong. (RFC 6455) */
export class FrameSocket {
  readonly packets: Packet[] = [];
  closed = false;
  private readonly socket: Socket;
  private readonly watchers = new Set<() => void>();
  private received = Buffer.alloc(0);
  private upgraded = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const key = randomBytes(16).toString('base64');
    this.socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n` +
        `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    this.socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
      this.read();
      this.tell();
    });
    for (const event of ['error', 'end', 'close'] as const)
      this.socket.on(event, () => {
        this.closed = true;
        this.tell();
      });
  }

  /** Resolves with whether the namespace has let us in. */
  async enter(nsp: string, data: unknown): Promise<boolean> {
    await this.until(() => this.upgraded);
    this.send(packed({ type: 0, nsp, data }));
    await this.until(() => this.packets.some(({ type }) => type === 0 || type === 4));
    return this.packets.some(({ type }) => type === 0);
  }

  send(data: Buffer, opcode: Opcode = 2): void {
    if (!this.closed) this.socket.write(frameOf(data, opcode));
  }

  /** Not even a frame. */
  sendRaw(bytes: Buffer): void {
    if (!this.closed) this.socket.write(bytes);
  }

  /** Until this holds or the other end has hung up; false when it does neither. */
  until(holds: () => boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (holds() || this.closed) end(true);
      };
      const timer = setTimeout(() => {
        end(false);
      }, patienceMs);
      const end = (met: boolean): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve(met);
      };
      this.watchers.add(look);
      look();
    });
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
    this.tell();
  }

  private tell(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  private read(): void {
    if (!this.upgraded) {
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.upgraded = true;
      this.received = this.received.subarray(end + 4);
    }
    for (;;) {
      const frame = readFrame(this.received);
      if (frame === undefined) return;
      this.received = this.received.subarray(frame.end);
      this.onFrame(frame);
    }
  }

  private onFrame({ opcode, data }: { readonly opcode: number; readonly data: Buffer }): void {
    // A ping of engine.io is text, and wants a pong.
    if (opcode === 1 && data.toString() === '2') this.send(Buffer.from('3'), 1);
    // The other end waits for us to say it too.
    if (opcode === 8) this.close();
    if (opcode !== 2) return;
    const decoder = new Decoder();
    decoder.on('decoded', (packet: Packet) => this.packets.push(packet));
    decoder.add(data);
  }
}

function frameOf(data: Buffer, opcode: Opcode): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const length = data.length;
  const head =
    length < 126
      ? Buffer.from([0x80 | length])
      : length < 65_536
        ? Buffer.alloc(3)
        : Buffer.alloc(9);
  if (head.length === 3) {
    head[0] = 0x80 | 126;
    head.writeUInt16BE(length, 1);
  } else if (head.length === 9) {
    head[0] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 1);
  }
  const masked = Buffer.from(data);
  for (let at = 0; at < masked.length; at += 1)
    masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([Buffer.from([0x80 | opcode]), head, mask, masked]);
}

/** A server masks nothing. */
function readFrame(bytes: Buffer): { opcode: number; data: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length =
    short === 126
      ? bytes.readUInt16BE(2)
      : short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short;
  const end = start + length;
  if (bytes.length < end) return undefined;
  return { opcode: (bytes[0] ?? 0) & 0x0f, data: bytes.subarray(start, end), end };
}
