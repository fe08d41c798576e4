import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { io } from 'socket.io-client';
import { Server, type Socket } from 'socket.io';
import * as parser from 'socket.io-msgpack-parser';
import { SOCKET, type Prepare, type Put } from './wire';

/**
 * What three Node processes can do at all with socket.io between them and a sync on every disk: no views, no sessions,
 * no retries, no checks, a Map for state. It is the yardstick, not a design: nothing here survives anything.
 */
const BATCHES_IN_FLIGHT = 8;

interface Asked {
  readonly socket: Socket;
  readonly put: Put;
}

const [role = '', port = '', log = '', primaryUrl = ''] = process.argv.slice(2);
const state = new Map<string, string>();
const file = openSync(log, 'a');
process.on('disconnect', () => {
  closeSync(file);
  process.exit(0);
});

function appendDurably(bytes: Uint8Array): void {
  writeSync(file, bytes);
  fdatasyncSync(file);
}

function follow(): void {
  const primary = io(`${primaryUrl}/peers`, { ...SOCKET, parser } as object);
  primary.on('prepare', ([batchNumber, batch]: Prepare) => {
    appendDurably(batch);
    primary.emit('prepareOk', batchNumber);
    for (const [, key, value] of JSON.parse(Buffer.from(batch).toString('utf8')) as Put[]) {
      state.set(key, value);
    }
  });
  primary.on('connect', () => process.send?.('ready'));
}

function lead(): void {
  const http = createServer();
  const server = new Server(http, { ...SOCKET, parser, serveClient: false });
  const peers = server.of('/peers');
  const primary = new Primary((prepare) => peers.emit('prepare', prepare));
  peers.on('connection', (socket) => {
    socket.on('prepareOk', (batchNumber: number) => primary.onPrepareOk(batchNumber));
  });
  server.of('/client').on('connection', (socket) => {
    socket.on('requests', (puts: Put[]) => primary.onRequests(socket, puts));
  });
  http.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
}

class Primary {
  readonly #prepare: (prepare: Prepare) => void;
  readonly #inFlight = new Map<number, Asked[]>();
  #waiting: Asked[] = [];
  #batchNumber = 0;
  #scheduled = false;

  constructor(prepare: (prepare: Prepare) => void) {
    this.#prepare = prepare;
  }

  onRequests(socket: Socket, puts: readonly Put[]): void {
    for (const put of puts) this.#waiting.push({ socket, put });
    this.#schedule();
  }

  /** One backup and the primary itself are a majority of three; the second backup's answer finds nothing to do. */
  onPrepareOk(batchNumber: number): void {
    const batch = this.#inFlight.get(batchNumber);
    if (batch === undefined) return;
    this.#inFlight.delete(batchNumber);
    const answers = new Map<Socket, number[]>();
    for (const { socket, put } of batch) {
      state.set(put[1], put[2]);
      const ids = answers.get(socket);
      if (ids === undefined) answers.set(socket, [put[0]]);
      else ids.push(put[0]);
    }
    for (const [socket, ids] of answers) socket.emit('answers', ids);
    if (this.#waiting.length > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0 && this.#inFlight.size < BATCHES_IN_FLIGHT) this.#next();
    });
  }

  #next(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const bytes = Buffer.from(JSON.stringify(batch.map(({ put }) => put)));
    const batchNumber = ++this.#batchNumber;
    this.#inFlight.set(batchNumber, batch);
    this.#prepare([batchNumber, bytes]);
    appendDurably(bytes);
  }
}

if (role === 'primary') lead();
else follow();
