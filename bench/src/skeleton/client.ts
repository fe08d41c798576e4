import { io, type Socket } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { SOCKET, type Put } from './wire';

/** All puts of a turn in one message. */
export class SkeletonClient {
  readonly #socket: Socket;
  readonly #pending = new Map<number, () => void>();
  #waiting: Put[] = [];
  #nextId = 0;

  constructor(url: string) {
    this.#socket = io(`${url}/client`, { ...SOCKET, parser, forceNew: true } as object);
    this.#socket.on('answers', (ids: number[]) => {
      for (const id of ids) {
        this.#pending.get(id)?.();
        this.#pending.delete(id);
      }
    });
  }

  put(key: string, value: string): Promise<void> {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      this.#pending.set(id, resolve);
      if (this.#waiting.push([id, key, value]) > 1) return;
      setImmediate(() => {
        this.#socket.emit('requests', this.#waiting);
        this.#waiting = [];
      });
    });
  }

  close(): void {
    this.#socket.disconnect();
  }
}
