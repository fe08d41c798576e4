import type { FastifyInstance } from 'fastify';

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
}

/** Which methods a path has: asked only when a request found no route, to tell 405 from 404. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** Before routes are added. */
  watch(instance: FastifyInstance): void {
    instance.addHook('onRoute', ({ method, url }) => {
      const methods = Array.isArray(method) ? method : [method];
      this.routes.push({ methods, path: patternOf(url) });
    });
  }

  methodsOf(url: string): string[] {
    const [path = ''] = url.split('?');
    const found = this.routes.filter((route) => route.path.test(path));
    return [...new Set(found.flatMap((route) => route.methods))].sort();
  }
}

function patternOf(url: string): RegExp {
  const parts = url.split(/(:\w+|\*)/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
