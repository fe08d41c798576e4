import type { GroupHarness, ReplicaHandle } from '../server/group-harness';
import type { Findings } from './findings';

const RECENT_MAX = 24;
const CRASHES_MAX = 4;

interface Asked {
  readonly replica: ReplicaHandle;
  readonly command: () => string;
  isDone: boolean;
}

/** Notices a process that ends, says what it was asked last, and starts it again. */
export class CrashWatch {
  private readonly group: GroupHarness;
  private readonly findings: Findings;
  private readonly recent: Asked[] = [];
  private readonly unwatch: readonly (() => void)[];
  private crashes = 0;

  constructor(group: GroupHarness, findings: Findings) {
    this.group = group;
    this.findings = findings;
    this.unwatch = group.replicas.map((replica) =>
      replica.watch(() => {
        if (!replica.isRunning) this.onEnd(replica);
      }),
    );
  }

  get tooMany(): boolean {
    return this.crashes >= CRASHES_MAX;
  }

  /** To be called when the answer is there. */
  underWay(replica: ReplicaHandle, command: () => string): () => void {
    const asked = { replica, command, isDone: false };
    this.recent.push(asked);
    if (this.recent.length > RECENT_MAX) this.recent.shift();
    return () => {
      asked.isDone = true;
    };
  }

  stop(): void {
    for (const end of this.unwatch) end();
  }

  private onEnd(replica: ReplicaHandle): void {
    this.crashes += 1;
    const asked = this.recent.filter((each) => each.replica === replica);
    const open = asked.filter(({ isDone }) => !isDone);
    const suspects = open.length > 0 ? open : asked;
    this.findings.add({
      family: 'crash',
      fault: `replica ${replica.number} ended (${this.crashes}): ${replica.farewell ?? replica.log.slice(-1_500)}`,
      command: suspects.map(({ command }) => command()).join('\n'),
    });
    if (!this.tooMany) void this.group.startAll();
  }
}
