import type { Server as HttpServer } from 'node:http';
import {
  createReplica,
  memberOf,
  replicaNumber,
  toHex,
  type Plugin,
  type Replica,
  type ReplicaView,
} from '@lockstep/vr-core';
import type { Server } from 'socket.io';
import { Backups } from './backup/backups';
import { ClientChannel } from './client-channel/client-channel';
import { SessionRoutes } from './client-channel/session-routes';
import { readdressed, withAddresses } from './config/addresses';
import { originsOf } from './config/origins-of';
import type { ReplicaConfig } from './config/replica-config';
import type { Authenticator } from './access/authenticator';
import type { Credentials } from './tls/credentials';
import { fetchTrustingPeers } from './tls/fetch-trusting-peers';
import { Calls } from './contract/calls';
import type { Intake } from './contract/intake';
import { Door } from './contract/door';
import { CONTRACTS } from './contract/contracts';
import type { JsonObject } from './contract/json';
import { EventFeeds } from './contract/event-feeds';
import { LockHistories } from './contract/lock-history';
import { LockWatch } from './contract/lock-watch';
import { LongPolls } from './contract/long-poll';
import { Problem } from './contract/problem';
import { SequencerKey } from './contract/sequencer-key';
import type { Diagnosis } from './observability/diagnosis';
import { HostLog, type HostLogParts } from './observability/host-log';
import type { Logger } from './observability/logger';
import type { Metrics } from './observability/metrics';
import type { SocketIoPeerChannel } from './peers/socket-io-peers';
import { peersOf } from './peers-of';
import { createSocketServer } from './peers/socket-server';
import { EventHub } from './replica-host/event-hub';
import { GroupStatus } from './replica-host/group-status';
import { sha256 } from './replica-host/hash';
import { readClocks } from './replica-host/host-clock';
import { knownJoiners } from './replica-host/known-joiners';
import { OtherDoors } from './replica-host/other-doors';
import { ReplicaHost } from './replica-host/replica-host';
import { RequestGateway } from './replica-host/request-gateway';
import { restoreInto } from './replica-host/restore-into';
import { Turn } from './replica-host/turn';
import { ViewHistory } from './replica-host/view-history';
import { formatsOf } from './services';
import type { FileStorage } from './storage/file-storage';
import { startScrubbing, storageOf } from './storage-of';
import { within } from './within';

/** What a replica is given by the process around it. */
export interface Surroundings extends HostLogParts {
  readonly authenticator: Authenticator;
  /** Its certificates; undefined where there is no TLS. */
  readonly credentials: Credentials | undefined;
  readonly intake: Intake;
}

/** How long a primary that stops waits for its successor. */
const STEP_DOWN_MS = 2_000;
/** How long a replica that stops waits for the answers it owes. */
const DRAIN_MS = 2_000;

/** How soon nodes that have joined are met. */
const MEET_MS = 500;

/** One replica from its disk to its doors: put together here, started and stopped here. */
export class ReplicaProcess {
  readonly config: ReplicaConfig;
  readonly metrics: Metrics;
  readonly diagnosis: Diagnosis;
  readonly calls: Calls;
  readonly polls: LongPolls;
  readonly feeds: EventFeeds;
  readonly histories: LockHistories;
  readonly status: GroupStatus;
  readonly views = new ViewHistory();
  readonly log: HostLog;
  readonly doors: OtherDoors;
  readonly backups: Backups;
  private readonly door = new Door();
  private readonly authenticator: Authenticator;
  private readonly credentials: Credentials | undefined;
  readonly logger: Logger;
  private readonly plugins: readonly Plugin[];
  private readonly turn = new Turn();
  private readonly hub = new EventHub(this.turn);
  private readonly gateway: RequestGateway;
  private readonly replica: Replica;
  private running: Running | undefined;
  private meeting: NodeJS.Timeout | undefined;

  constructor(config: ReplicaConfig, plugins: readonly Plugin[], surroundings: Surroundings) {
    const { logger, metrics, diagnosis, authenticator, intake, credentials } = surroundings;
    this.authenticator = authenticator;
    this.credentials = credentials;
    this.config = config;
    this.plugins = plugins;
    this.logger = logger;
    this.metrics = metrics;
    this.diagnosis = diagnosis;
    this.log = new HostLog(surroundings);
    this.gateway = new RequestGateway(sha256, diagnosis);
    const { identity } = config;
    const sequencers = new SequencerKey(config.secret);
    this.doors = new OtherDoors(
      identity.nodeId,
      config.secret,
      fetchTrustingPeers(surroundings.credentials),
    );
    this.replica = createReplica({
      epoch: withAddresses(identity.epoch, identity.addresses),
      self: replicaNumber(identity.replicaNumber),
      plugins,
      hash: sha256,
    });
    this.calls = new Calls({
      contracts: CONTRACTS,
      intake,
      gateway: this.gateway,
      door: this.door,
      hash: sha256,
      view: this.view,
      ownerOf: (session) => this.replica.execution.findSession(session)?.principal,
      generation: identity.generation,
      sequencers,
      onFault: (fault, origin) => {
        logger.error({ err: fault, requestId: origin?.requestId }, 'a call failed by our fault');
      },
    });
    const { execution } = this.replica;
    this.polls = new LongPolls(this.calls, new LockWatch(this.hub), execution);
    this.feeds = new EventFeeds({ log: execution, hub: this.hub, door: this.door });
    this.histories = new LockHistories(execution, this.door);
    this.status = new GroupStatus({
      config,
      sequencers,
      view: this.view,
      connected: () => this.running?.peers.figures.connected ?? [],
      silenceMs: (peer) => this.running?.peers.silenceMs(peer),
      joiners: this.joiners,
      doors: this.doors,
      groupVersion: () => this.replica.execution.groupVersion,
    });
    const { replica } = this;
    const storage = () => this.running?.storage;
    this.backups = new Backups({ config, services: formatsOf(plugins), replica, logger, storage });
    this.door.update(this.view());
    this.watchViews();
  }

  readonly view = (): ReplicaView => this.replica.view(readClocks());

  /** Nodes that may become members, as far as this replica knows. */
  readonly joiners = knownJoiners(() => this.replica.execution);

  /** Where clients reach the primary of the view that this replica is in. */
  get primaryUrl(): string | undefined {
    const { epoch, primary } = this.view();
    return memberOf(epoch.configuration, primary)?.clientUrl;
  }

  /** Throws `Problem` while there is no whole state to make it of. */
  digestOf(service: string): JsonObject {
    const { execution } = this.replica;
    if (!execution.isWhole)
      throw new Problem(
        'too-stale',
        'The state of this replica is being fetched, or it is a witness.',
      );
    return { digest: toHex(execution.digest(service)), op: `${execution.executed}` };
  }

  stepDown(): void {
    this.running?.host.mailbox.post({ kind: 'step-down' });
  }

  /** After the port is ours: two processes never open one folder. Rejects with `RefusedToStart`. */
  async start(http: HttpServer): Promise<void> {
    const { config, logger, log } = this;
    const storage = storageOf(config, logger, {
      onSync: this.metrics.syncs.add,
      onFailure: (failure) => {
        log.onFailure('the disk failed', failure);
      },
    });
    const opened = await storage.open(restoreInto(this.replica));
    const life = readdressed(opened, config.identity.addresses);
    const sockets = createSocketServer(http, originsOf(config));
    const { plugins, credentials } = this;
    const { execution } = this.replica;
    const peers = peersOf(config, life, { sockets, plugins, execution, credentials });
    const host = new ReplicaHost({
      replica: this.replica,
      storage,
      peers,
      desk: this.gateway,
      events: this.hub,
      turn: this.turn,
      observer: this.log,
      meter: this.metrics.host,
    });
    const clients = this.openClientChannel(sockets);
    this.metrics.observe({
      view: this.view,
      execution: this.replica.execution,
      folder: this.config.dataFolder,
      peers: () => peers.figures,
      storage: () => storage.figures,
      sockets: () => clients.connected,
      outstanding: () => this.gateway.outstanding,
      mailbox: () => host.mailbox.waiting,
      certificateExpiresAtMs: () => this.credentials?.certificateExpiresAtMs,
    });
    this.running = { host, storage, peers, sockets };
    host.start({ kind: 'start', life });
    startScrubbing(storage, this.replica, host.mailbox);
    this.gateway.open(host.mailbox);
    this.meeting = setInterval(() => {
      peers.expect(this.joiners());
    }, MEET_MS);
  }

  /** In order: no longer ready, no longer primary, every answer given, the disk marked as whole. */
  async stop(options: { readonly groupStops: boolean }): Promise<void> {
    this.status.stopping = true;
    this.endWaits(new Problem('stopping'));
    const { running } = this;
    if (running === undefined) return;
    clearInterval(this.meeting);
    if (this.view().serving && !options.groupStops) await this.handOver();
    await within(DRAIN_MS, this.gateway.drain());
    running.host.stop();
    await running.peers.close();
    await running.sockets.close();
    await running.storage.close();
    await within(DRAIN_MS, this.diagnosis.tracing?.close() ?? Promise.resolve());
  }

  private watchViews(): void {
    this.log.onEveryNote((note) => {
      this.views.note(note);
    });
    this.log.onView((view) => {
      this.views.look(view);
      if (this.door.update(view)) this.endWaits(this.door.refusal ?? this.door.moved());
    });
  }

  /** Whoever waits here, or watches, is told why nothing more comes. */
  private endWaits(problem: Problem): void {
    this.polls.endAll(problem);
    this.feeds.endAll(problem);
  }

  /** Another view has begun, or nobody took it in time. */
  private handOver(): Promise<void> {
    const { viewNumber } = this.view();
    const over = new Promise<void>((resolve) => {
      this.log.onView((view) => {
        if (view.status === 'normal' && view.viewNumber > viewNumber) resolve();
      });
    });
    this.stepDown();
    return within(STEP_DOWN_MS, over);
  }

  private openClientChannel(sockets: Server): ClientChannel {
    const { nodeId } = this.config.identity;
    const { calls, polls, turn, metrics, authenticator } = this;
    const { tracing } = this.diagnosis;
    const routes = new SessionRoutes(this.hub);
    const parts = { calls, polls, turn, metrics, tracing, routes };
    const clients = new ClientChannel(sockets, parts, {
      nodeId,
      view: this.view,
      authenticator,
    });
    clients.open();
    this.log.onView((view) => {
      clients.onView(view);
    });
    return clients;
  }
}

interface Running {
  readonly host: ReplicaHost;
  readonly storage: FileStorage;
  readonly peers: SocketIoPeerChannel;
  readonly sockets: Server;
}
