import type { Plugin, Port, StateMachine } from '../service/state-machine';
import { ServiceContext } from './moment';

const SERVICE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** A service with the context that its operations and hooks are given. */
export interface Registered {
  readonly name: string;
  readonly machine: StateMachine;
  readonly context: ServiceContext;
}

type World = ConstructorParameters<typeof ServiceContext>[1] & {
  tablesOf(service: string): Parameters<Plugin['create']>[0];
};

/**
 * The services behind the log in the order of their registration, which is the order of their hooks and part of the
 * group's configuration. (decision 2)
 */
export class Registry {
  readonly all: readonly Registered[];
  private readonly byName = new Map<string, Registered>();

  /** `core` are the core's own services, which come first. */
  constructor(
    core: readonly (readonly [name: string, machine: StateMachine])[],
    plugins: readonly Plugin[],
    world: World,
  ) {
    const ports = new Map<string, Port>();
    for (const [name, machine] of core) {
      this.add(name, machine, new ServiceContext(name, world, new Map()));
    }
    for (const plugin of plugins) {
      this.checkName(plugin.name);
      const used = usedPorts(plugin, ports, world);
      const machine = plugin.create(world.tablesOf(plugin.name));
      this.add(plugin.name, machine, new ServiceContext(plugin.name, world, used));
      for (const [name, port] of Object.entries(machine.ports ?? {}))
        ports.set(`${plugin.name}.${name}`, port);
    }
    this.all = [...this.byName.values()];
  }

  get(name: string): Registered | undefined {
    return this.byName.get(name);
  }

  private checkName(name: string): void {
    if (!SERVICE_NAME.test(name))
      throw new Error(`the name ${name} must be lower-case letters, digits and hyphens`);
    if (this.byName.has(name)) throw new Error(`the service ${name} is registered twice`);
  }

  private add(name: string, machine: StateMachine, context: ServiceContext): void {
    this.byName.set(name, { name, machine, context });
  }
}

/** Ports are asked through the same context as the apply that asks: the state of this very moment. */
function usedPorts(
  plugin: Plugin,
  offered: ReadonlyMap<string, Port>,
  world: World,
): Map<string, (question: Uint8Array) => Uint8Array> {
  const { moment, sessions } = world;
  const context = {
    sessions,
    get opNumber() {
      return moment.opNumber;
    },
    get clusterMs() {
      return moment.clusterMs;
    },
  };
  const used = new Map<string, (question: Uint8Array) => Uint8Array>();
  for (const name of plugin.uses ?? []) {
    const port = offered.get(name);
    if (port === undefined)
      throw new Error(`${plugin.name} uses the port ${name}, which no plug-in before it offers`);
    used.set(name, (question) => port(question, context));
  }
  return used;
}
