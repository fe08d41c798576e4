/** What is read of an OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** A method of a path, as generators want it. */
export interface ApiRoute {
  /** `POST /v1/locks/{name}/acquire` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly takesBytes: boolean;
  readonly statuses: ReadonlySet<number>;
}

export function routesOf(document: ApiDocument): ApiRoute[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => routeOf(path, method, operation)),
  );
}

function routeOf(path: string, method: string, operation: Operation): ApiRoute {
  const content = operation.requestBody?.content ?? {};
  return {
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    tag: operation.tags?.[0] ?? '',
    parameters: operation.parameters ?? [],
    body: content['application/json']?.schema,
    takesBytes: content['application/octet-stream'] !== undefined || path.includes('/content/'),
    statuses: new Set(Object.keys(operation.responses).map(Number)),
  };
}

export function resolved(schema: Schema, document: ApiDocument): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}
