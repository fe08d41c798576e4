import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../version';
import { stateProblems } from './openapi-problems';

/** The contract as OpenAPI 3.1 at `/v1/openapi.json`, to browse at `/docs`. Made when it is first asked for. */
export function serveOpenApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Lockstep')
    .setDescription('A replicated lock manager and file-metadata service')
    .setVersion(VERSION)
    .build();
  SwaggerModule.setup('docs', app, () => stateProblems(SwaggerModule.createDocument(app, config)), {
    jsonDocumentUrl: 'v1/openapi.json',
    yamlDocumentUrl: 'v1/openapi.yaml',
  });
}
