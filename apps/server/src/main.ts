import { UnknownGroupVersion } from '@lockstep/vr-core';
import { openAuthenticator } from './access/open-authenticator';
import { auditLogOf } from './audit/audit-log-of';
import { AuditTrail } from './contract/audit-trail';
import { intakeOf } from './contract/intake';
import { loadReplicaConfig } from './config/load-replica-config';
import {
  ConfigError,
  EXIT_FAILED,
  EXIT_REFUSED,
  type ReplicaIdentity,
  type ReplicaConfig,
} from './config/replica-config';
import { roleOf } from './config/replica-role';
import { connectSupervisor, type SupervisorLink } from './config/supervision';
import { Diagnosis } from './observability/diagnosis';
import { createLogger, type Logger } from './observability/logger';
import { Metrics } from './observability/metrics';
import { tracingOf } from './observability/tracing/tracing-of';
import { writeNow } from './observability/write-now';
import { serve, type Served } from './serve';
import { RefusedToStart } from './storage/replica-storage';
import { openCredentials } from './tls/open-credentials';

/** One replica process: `lockstep serve --data DIR/replica-0`, or `node dist/main.js` with the same. Ends with 0, or 2, or 70 and one clear line. */
class Main {
  private readonly argv: readonly string[];
  private served: Served | undefined;
  private stopping = false;
  private groupStops = false;
  private readonly supervisor: SupervisorLink | undefined = connectSupervisor({
    onGroupStopping: () => {
      this.groupStops = true;
    },
    onSupervisorLost: () => {
      this.groupStops = true;
      void this.stop();
    },
  });

  constructor(argv: readonly string[]) {
    this.argv = argv;
  }

  async run(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop());
    try {
      const config = await loadReplicaConfig(this.argv);
      if (config !== undefined) await this.serve(config);
    } catch (fault) {
      await this.end(...verdictOf(fault));
    }
  }

  private async serve(config: ReplicaConfig): Promise<void> {
    const [logger, tail] = createLogger(config.logLevel, config.identity.replicaNumber);
    this.watchFaults(logger);
    const fail = (line: string): void => void this.end(EXIT_FAILED, line);
    const metrics = new Metrics();
    const credentials = await openCredentials(config);
    const { slowMs } = config.settings.log;
    const tracing = await tracingOf(config);
    const authenticator = await openAuthenticator(config, logger, metrics);
    const served = await serve(config, {
      logger,
      metrics,
      diagnosis: new Diagnosis({ logger, tail, metrics, slowMs, tracing }),
      fail,
      authenticator,
      credentials,
      intake: intakeOf(config.settings.limits),
      audit: new AuditTrail(auditLogOf(config)),
    });
    this.served = served;
    const { url, replica } = served;
    warnOfOrigin(config.identity, logger);
    logger.info({ url, mode: config.mode }, `listening on ${url}, mode ${config.mode}`);
    this.supervisor?.report({ kind: 'listening', url });
    replica.log.onView((view) => {
      this.supervisor?.report({
        kind: 'state',
        status: view.status,
        role: roleOf(view),
        epoch: view.epochNumber,
        view: view.viewNumber,
        primary: view.primary,
        serving: view.serving,
      });
    });
  }

  /** Once; a replica that is not up yet has nothing to hand over. */
  private async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    try {
      await this.served?.stop({ groupStops: this.groupStops });
      process.exit(0);
    } catch (fault) {
      await this.end(EXIT_FAILED, `it could not stop in good order: ${messageOf(fault)}`);
    }
  }

  private async end(code: number, line: string): Promise<void> {
    writeNow(2, `${line}\n`);
    await this.supervisor?.farewell(line);
    process.exit(code);
  }

  /** What nobody caught is a broken invariant of ours: the process stops, it never guesses. */
  private watchFaults(logger: Logger): void {
    process.on('uncaughtException', (fault) => {
      logger.fatal({ err: fault }, 'an exception that nobody caught');
      const [code, line] = verdictOf(fault);
      void this.end(code, `stopped: ${line}`);
    });
  }
}

/** At every start, for ever: something may be missing that this group's clients remember. (decision 16) */
function warnOfOrigin({ generation, origin }: ReplicaIdentity, logger: Logger): void {
  if (origin === undefined) return;
  const { kind, groupId, op, at, source } = origin;
  logger.warn(
    { origin, generation },
    `this group is generation ${generation}: ${kind} ${at} from ${source}, with what group ${groupId} had up to op ${op}`,
  );
}

function verdictOf(fault: unknown): [code: number, line: string] {
  const refused =
    fault instanceof ConfigError ||
    fault instanceof RefusedToStart ||
    fault instanceof UnknownGroupVersion ||
    isListenError(fault);
  return [refused ? EXIT_REFUSED : EXIT_FAILED, messageOf(fault)];
}

const isListenError = (fault: unknown): boolean =>
  fault instanceof Error && 'syscall' in fault && fault.syscall === 'listen';

const messageOf = (fault: unknown): string =>
  fault instanceof Error ? fault.message : String(fault);

/**
 * Serves until the process ends.
 *
 * @param argv the flags of the replica, without the program
 */
export function runReplica(argv: readonly string[]): Promise<void> {
  return new Main(argv).run();
}

// `lockstep serve` runs it too, from another program.
if (require.main === module) void runReplica(process.argv.slice(2));
