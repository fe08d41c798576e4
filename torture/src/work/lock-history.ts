import { comesTrue } from '../clock';
import type { Doors } from '../clients/doors';
import type { Findings } from '../findings';
import { goTogether, type LockState, type Mode } from '../models/lock-model';
import type { Subject } from './subject';

/** As `GET /v1/locks/{name}/history` tells of an owner. */
interface Tenure {
  readonly fence: string;
  readonly mode: Mode;
  readonly owner: string;
  readonly grantedOp?: string;
  readonly endedOp?: string;
}

const PATIENCE_MS = 60_000;
const LIMIT = 1_000;

/**
 * What the group itself remembers of a lock: every grant that a client was told of is there, under its fence; fences rise
 * with the log; and no two that exclude each other overlap in it.
 */
export async function inspectLock(
  subject: Subject<LockState>,
  doors: Doors,
  newestOp: number,
  findings: Findings,
): Promise<void> {
  const { name } = subject;
  const tenures = await tenuresOf(name, doors, newestOp);
  if (tenures === undefined) return;
  for (const { outcome, question } of subject.history.calls) {
    if (question.kind !== 'acquire' || outcome?.kind !== 'done') continue;
    const { fence } = outcome.value as { readonly fence: string };
    const found = tenures.find((tenure) => tenure.fence === fence);
    if (found?.owner !== question['owner'] || found?.mode !== question['mode']) {
      const what = `${name}: the grant under ${fence} to ${String(question['owner'])} is not in its history`;
      findings.add('fence intervals', what, [JSON.stringify(found ?? tenures.slice(0, 5))]);
    }
  }
  const placed = tenures.filter(({ grantedOp }) => grantedOp !== undefined);
  placed.sort((a, b) => (BigInt(a.fence) < BigInt(b.fence) ? -1 : 1));
  for (const [n, later] of placed.entries())
    for (const earlier of placed.slice(0, n)) {
      const wrong = faultOf(earlier, later);
      if (wrong !== undefined)
        findings.add('fence intervals', `${name}: ${wrong}`, [
          JSON.stringify(earlier),
          JSON.stringify(later),
        ]);
    }
}

function faultOf(earlier: Tenure, later: Tenure): string | undefined {
  const granted = Number(later.grantedOp);
  if (Number(earlier.grantedOp) > granted)
    return `the higher fence ${later.fence} was granted at op ${granted}, before ${earlier.fence}`;
  const ended = earlier.endedOp === undefined ? Infinity : Number(earlier.endedOp);
  if (granted < ended && !goTogether(earlier.mode, later.mode))
    return `${later.mode} is granted at op ${granted} beside ${earlier.mode}, which ends at ${ended}`;
  return undefined;
}

/** Undefined when no door has it: events are kept for so long and no longer, and doors may all be closed. */
async function tenuresOf(
  name: string,
  doors: Doors,
  newestOp: number,
): Promise<Tenure[] | undefined> {
  let found: Tenure[] | undefined;
  const path = `/v1/locks/${name}/history?limit=${LIMIT}`;
  await comesTrue(async () => {
    try {
      const { status, body } = await doors.ask(doors.current, {
        method: 'GET',
        path,
        timeoutMs: 10_000,
      });
      if (status === 200 && Number(body['op']) >= newestOp) found = body['owners'] as Tenure[];
    } catch {
      // Another door.
    }
    if (found === undefined) doors.next();
    return found !== undefined;
  }, PATIENCE_MS);
  return found;
}
