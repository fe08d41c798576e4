import { createServer } from 'node:net';

/** Below the range from which systems take ports by themselves. */
const FIRST = 12_000;
const COUNT = 18_000;

/** Ports that nobody listens on, each given once in the life of this process. */
export class Ports {
  readonly #given = new Set<number>();

  async next(): Promise<number> {
    for (;;) {
      const port = FIRST + Math.floor(Math.random() * COUNT);
      if (this.#given.has(port) || !(await isFree(port))) continue;
      this.#given.add(port);
      return port;
    }
  }

  /** The first of so many in a row. */
  async row(count: number): Promise<number> {
    for (;;) {
      const first = FIRST + Math.floor(Math.random() * COUNT);
      const ports = Array.from({ length: count }, (_, n) => first + n);
      const free = await Promise.all(
        ports.map(async (port) => !this.#given.has(port) && (await isFree(port))),
      );
      if (!free.every(Boolean)) continue;
      for (const port of ports) this.#given.add(port);
      return first;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)));
  });
}
