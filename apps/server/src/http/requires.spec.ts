import 'reflect-metadata';
import { HttpModule } from './http.module';
import { NEED } from './requires';

interface Handler {
  readonly name: string;
}
interface Controller extends Handler {
  readonly prototype: object;
}

const PATH = 'path';
const controllers = Reflect.getMetadata('controllers', HttpModule) as readonly Controller[];

/** Every handler of every controller. */
const routes = controllers.flatMap((controller) =>
  Object.values(Object.getOwnPropertyDescriptors(controller.prototype))
    .map(({ value }: { value?: unknown }) => value)
    .filter((value): value is Handler => typeof value === 'function')
    .filter((handler) => handler !== controller && Reflect.hasMetadata(PATH, handler))
    .map((handler) => [`${controller.name}.${handler.name}`, controller, handler] as const),
);

describe('who may enter a route', () => {
  it('is known of all of them', () => {
    expect(routes.length).toBeGreaterThan(80);
  });

  it.each(routes)('is said for %s', (_, controller, handler) => {
    const need: unknown =
      Reflect.getMetadata(NEED, handler) ?? Reflect.getMetadata(NEED, controller);
    expect(need).toBeDefined();
  });
});
