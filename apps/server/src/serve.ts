import 'reflect-metadata';
import type { Server as SecureServer } from 'node:https';
import { NestFactory, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import { originsOf } from './config/origins-of';
import { schemeOf } from './config/exposure';
import { urlOf } from './config/loopback';
import type { ReplicaConfig } from './config/replica-config';
import { checkingPipe } from './http/checking.pipe';
import { createAdapter } from './http/fastify';
import { serveOpenApi } from './http/openapi';
import { ProblemFilter } from './http/problem.filter';
import { RequiresGuard } from './http/requires';
import { RouteTable } from './http/route-table';
import { NestLogger } from './observability/nest-logger';
import type { ReplicaProcess, Surroundings } from './replica-process';
import { REPLICA_PROCESS } from './vr/tokens';

export interface Served {
  readonly replica: ReplicaProcess;
  readonly url: string;
  stop(options: { readonly groupStops: boolean }): Promise<void>;
}

/** One replica with its doors, on one port. Rejects when the port is in use or the folder may not be served. */
export async function serve(config: ReplicaConfig, surroundings: Surroundings): Promise<Served> {
  const app = await createApp(config, surroundings);
  await app.listen(config.port, config.host);
  const replica = app.get<ReplicaProcess>(REPLICA_PROCESS);
  try {
    await replica.start(app.getHttpServer());
  } catch (fault) {
    await app.close();
    throw fault;
  }
  followCertificates(surroundings, app.getHttpServer() as SecureServer);
  return {
    replica,
    url: urlOf(config.host, config.port, schemeOf(config.settings)),
    stop: async (options) => {
      await replica.stop(options);
      await app.close();
      surroundings.credentials?.close();
    },
  };
}

function followCertificates({ credentials, logger }: Surroundings, server: SecureServer): void {
  credentials?.follow({
    onChange: (options) => {
      server.setSecureContext(options);
    },
    onReport: (level, text) => {
      logger[level](text);
    },
  });
}

async function createApp(
  config: ReplicaConfig,
  surroundings: Surroundings,
): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const { limits } = config.settings;
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(config, surroundings),
    createAdapter({ routes, origins: originsOf(config), limits, ...surroundings }),
    { bodyParser: false, logger: new NestLogger(surroundings.logger), abortOnError: false },
  );
  app.useGlobalGuards(new RequiresGuard(app.get(Reflector), surroundings.audit));
  app.useGlobalPipes(checkingPipe());
  app.useGlobalFilters(new ProblemFilter(surroundings.logger, routes));
  serveOpenApi(app);
  return app;
}
