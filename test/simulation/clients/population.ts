import type { ClientWorld } from './client-world';
import { SimulatedClient } from './simulated-client';

/** All clients: some die, and others come. */
export class Population {
  deaths = 0;
  private readonly world: ClientWorld;
  private clients: SimulatedClient[] = [];
  private born = 0;
  private settling = false;

  constructor(world: ClientWorld) {
    this.world = world;
  }

  /** Calls under way of all living clients. */
  get pending(): number {
    return this.clients.reduce((sum, client) => sum + client.pending, 0);
  }

  start(): void {
    for (let at = 0; at < this.world.plan.clients; at += 1) this.bear();
    this.planDeath();
  }

  /** Nobody asks anything new but one last add each, which a living group must answer. */
  settle(): void {
    this.settling = true;
    for (const client of this.clients) {
      client.stop();
      client.add();
    }
  }

  private bear(): void {
    const client = new SimulatedClient(`client ${(this.born += 1)}`, this.world);
    this.clients.push(client);
    client.start();
  }

  private planDeath(): void {
    const { time, chance, plan } = this.world;
    if (plan.dieEveryMs === 0) return;
    time.after(chance.exponential(plan.dieEveryMs), () => {
      if (this.settling) return;
      const dying = chance.pick(this.clients);
      dying.die();
      this.deaths += 1;
      this.clients = this.clients.filter((client) => client !== dying);
      this.bear();
      this.planDeath();
    });
  }
}
