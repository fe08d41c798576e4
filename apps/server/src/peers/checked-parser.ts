import * as msgpackParser from 'socket.io-msgpack-parser';
import { checkMsgpack } from './msgpack-shape';

/** Events that sockets emit to themselves: from outside they would end handshakes and clean up what is in use. */
const RESERVED: ReadonlySet<unknown> = new Set([
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'error',
  'newListener',
  'removeListener',
]);

interface Packet {
  readonly type: msgpackParser.PacketType;
  readonly data: unknown;
}

/**
 * `socket.io-msgpack-parser` for bytes of strangers: what it throws closes the connection, what it lets through is
 * delivered in a turn of its own, where a throw would end the process.
 */
class CheckedDecoder extends msgpackParser.Decoder {
  override add(data: unknown): void {
    if (!(data instanceof Uint8Array)) throw new Error('a packet is binary');
    checkMsgpack(data);
    super.add(data);
  }

  /** A name that is no text would be made one by who looks for its listeners. */
  override checkPacket(packet: unknown): void {
    super.checkPacket(packet);
    const { type, data } = packet as Packet;
    if (type !== msgpackParser.PacketType.EVENT) return;
    const [name] = data as readonly unknown[];
    if (typeof name !== 'string' || RESERVED.has(name)) throw new Error('no event of ours');
  }
}

export const checkedParser = { ...msgpackParser, Decoder: CheckedDecoder };
