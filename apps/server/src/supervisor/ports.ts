import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, reasonOf } from '../storage/fault';
import { ConfigError } from '../config/replica-config';

const RETRY_MS = 100;

/**
 * Throws `ConfigError` when a replica could not listen where it should. Ports that are taken are tried again for
 * `patienceMs`: replicas whose supervisor died may be about to end.
 */
export async function expectFreePorts(
  host: string,
  ports: readonly number[],
  patienceMs: number,
): Promise<void> {
  for (const port of ports) {
    for (let left = patienceMs; ; left -= RETRY_MS) {
      const problem = await problemWith(host, port);
      if (problem === undefined) break;
      if (left <= 0 || problem !== 'EADDRINUSE')
        throw new ConfigError(
          '--port',
          problem === 'EADDRINUSE'
            ? `${host}:${port} is in use: stop what listens there, or give another --port`
            : `${host}:${port} cannot be used: ${problem}`,
        );
      await sleep(RETRY_MS);
    }
  }
}

function problemWith(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (fault) => {
      resolve(codeOf(fault) ?? reasonOf(fault));
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
}
