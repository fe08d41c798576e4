import { TimerTable } from '../clock/timers';
import { EventTable } from '../events/event-table';
import { GroupService } from '../group/group-service';
import { GROUP } from '../group/operations';
import type { Plugin } from '../service/state-machine';
import type { StateStore } from '../service/tables';
import { SESSIONS } from '../sessions/operations';
import { SessionService } from '../sessions/session-service';
import { SessionTable } from '../sessions/session-table';
import { Hooks, type ErrorCounts } from './hooks';
import type { Moment } from './moment';
import { PositionTable } from './position-table';
import { Registry } from './registry';
import { RequestTable } from './request-table';

/** Owners of the core's own tables: they have a dot, which no service may have. */
export const TIMERS = 'core.timers';
const REQUESTS = 'core.requests';
const EVENTS = 'core.events';
const POSITION = 'core.position';

/** Everything that stands on the tables of one store. Made anew when the pages below have been replaced. */
export interface Services {
  readonly sessions: SessionTable;
  readonly timers: TimerTable;
  readonly requests: RequestTable;
  readonly events: EventTable;
  readonly position: PositionTable;
  readonly group: GroupService;
  readonly registry: Registry;
  readonly hooks: Hooks;
}

export function createServices(
  plugins: readonly Plugin[],
  store: StateStore,
  moment: Moment,
  internalErrors: ErrorCounts,
): Services {
  const names = [SESSIONS, ...plugins.map((plugin) => plugin.name)];
  const sessions = new SessionTable(store.tablesOf(SESSIONS));
  const timers = new TimerTable(store.tablesOf(TIMERS), names);
  const requests = new RequestTable(store.tablesOf(REQUESTS), sessions);
  const events = new EventTable(store.tablesOf(EVENTS));
  const position = new PositionTable(store.tablesOf(POSITION));
  const service = new SessionService(sessions, timers, (session, cause) =>
    hooks.endSession(session, cause),
  );
  const group = new GroupService(store.tablesOf(GROUP), moment);
  const tablesOf = (owner: string) => store.tablesOf(owner);
  const core = [
    [SESSIONS, service],
    [GROUP, group],
  ] as const;
  const registry = new Registry(core, plugins, { moment, store, sessions, timers, tablesOf });
  const hooks = new Hooks({
    moment,
    store,
    timers,
    requests,
    registry,
    internalErrors,
    sessions: service,
  });
  return { sessions, timers, requests, events, position, group, registry, hooks };
}
