import type { ApplyContext } from '@lockstep/vr-core';
import type { Call } from './file-tree';
import { ROOT_INO } from './inode';
import { nearestFileTime } from './time';

/** What the service does by itself when a timer has run out or a session has ended: nobody asks, so nobody is refused. */
export function ownCall(context: ApplyContext): Call {
  return {
    caller: { uid: 0, gids: [0], umask: 0, cwd: ROOT_INO },
    now: nearestFileTime(context.wallSeconds, context.wallNanos),
    opNumber: context.opNumber,
    session: undefined,
    context,
    opened: new Map(),
  };
}
