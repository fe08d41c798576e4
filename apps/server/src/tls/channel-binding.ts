import { TLSSocket } from 'node:tls';

/** RFC 9266 §2: the same at both ends of one TLS connection, different on any two. */
const LABEL = 'EXPORTER-Channel-Binding';
const BYTES = 32;

/** What binds a proof to the connection that it is sent on. Undefined when that is not TLS 1.3. */
export function channelBinding(socket: unknown): Buffer | undefined {
  if (!(socket instanceof TLSSocket) || socket.getProtocol() !== 'TLSv1.3') return undefined;
  return socket.exportKeyingMaterial(BYTES, LABEL, Buffer.alloc(0));
}
