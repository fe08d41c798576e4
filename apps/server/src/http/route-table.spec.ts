import fastify from 'fastify';
import { RouteTable } from './route-table';

describe('the routes of a server', () => {
  it('are found by any path they match, with all of their methods', () => {
    const instance = fastify({ exposeHeadRoutes: false });
    const routes = new RouteTable();
    routes.watch(instance);
    instance.get('/v1/locks/:name', () => null);
    instance.post('/v1/locks/:name/acquire', () => null);
    instance.delete('/v1/locks/:name', () => null);
    expect(routes.methodsOf('/v1/locks/a%2Fb?waitMs=1')).toEqual(['DELETE', 'GET']);
    expect(routes.methodsOf('/v1/locks/a/acquire')).toEqual(['POST']);
    expect(routes.methodsOf('/v1/locks/a/b')).toEqual([]);
  });
});
