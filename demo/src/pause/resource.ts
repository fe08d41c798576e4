import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { CounterFile } from './counter-file';

/** A write of which only the head has arrived: its writer waits for `100 Continue` before it sends the value. */
export interface AnnouncedWrite {
  readonly worker: string;
  readonly fence: bigint;
}

export interface ResourceListener {
  /** The writer has made every check that it makes. It is told to go on when this resolves. (RFC 9110, 10.1.1) */
  announced(write: AnnouncedWrite): Promise<void>;
  done(write: AnnouncedWrite, value: number, accepted: boolean): void;
}

/** The counter for other processes: `GET` reads it, `PUT` writes it, with the name of the writer and its fence. */
export class Resource {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(counter: CounterFile, listener: ResourceListener): Promise<Resource> {
    const server = createServer((_, response) => response.end(String(counter.value)));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      void take(counter, listener, request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Resource(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function take(
  counter: CounterFile,
  listener: ResourceListener,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { worker, fence } = request.headers;
  const write = { worker: String(worker), fence: BigInt(String(fence)) };
  await listener.announced(write);
  response.writeContinue();
  const value = Number(await text(request));
  const accepted = counter.write(value, write.fence);
  listener.done(write, value, accepted);
  response.writeHead(accepted ? 204 : 409).end();
}
