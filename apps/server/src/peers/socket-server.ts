import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { Origins } from '../access/origins';
import { checkedParser } from './checked-parser';
import { FRAME_BYTES_MAX } from './frame';

/**
 * The one socket.io server of a replica, on its HTTP server: `/peers` and `/client` are namespaces of it. Binary frames
 * go through the msgpack parser as one websocket frame; the default parser makes two of each.
 */
export function createSocketServer(http: HttpServer, origins: Origins): Server {
  return new Server(http, {
    parser: checkedParser,
    transports: ['websocket'],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    maxHttpBufferSize: FRAME_BYTES_MAX + (64 << 10),
    pingInterval: 5_000,
    pingTimeout: 10_000,
    // Browsers open websockets to anybody, and leave it to him to look who asks. (RFC 6455 §10.2)
    allowRequest: (request, told) => {
      told(null, origins.mayAsk(request));
    },
  });
}
