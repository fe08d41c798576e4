import { comesTrue } from '../clock';
import type { Doors } from '../clients/doors';
import type { Findings } from '../findings';

/** Sessions have a ttl of seconds; a group that has just come back gives them some more. (docs/locks.md) */
const PATIENCE_MS = 90_000;

/** Nobody keeps a lock for ever: once all clients have gone, in order or not, every lock is free. */
export async function allLocksAreFree(doors: Doors, findings: Findings): Promise<void> {
  let held = 'nobody could be asked';
  const areFree = await comesTrue(
    async () => {
      try {
        const path = '/v1/locks?state=held&limit=10';
        const { status, body } = await doors.ask(doors.current, {
          method: 'GET',
          path,
          timeoutMs: 10_000,
        });
        if (status === 200) held = JSON.stringify(body['locks']);
      } catch {
        // Another door.
      }
      if (held !== '[]') doors.next();
      return held === '[]';
    },
    PATIENCE_MS,
    250,
  );
  if (!areFree) findings.add('nobody keeps a lock', 'locks are held by nobody who lives', [held]);
}
