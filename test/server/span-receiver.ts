import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP has it in JSON. (opentelemetry-proto, trace/v1) */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  /** `service.instance.id` of the process that sent it. */
  readonly sender: string;
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { key: string; value: { stringValue?: string } }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<ReceivedSpan, 'sender'>[] }[];
  }[];
}

const PATIENCE_MS = 60_000;

/** Takes spans by OTLP over HTTP, as a collector does, and keeps them. */
export class SpanReceiver {
  readonly spans: ReceivedSpan[] = [];
  private readonly server: Server;
  private readonly watchers = new Set<() => void>();

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.take(JSON.parse(Buffer.concat(chunks).toString()) as Exported);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
  }

  static async start(): Promise<SpanReceiver> {
    const receiver = new SpanReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/traces`;
  }

  /** Spans of a trace, once there are those that are wanted. */
  wait(
    traceId: string,
    areThere: (spans: readonly ReceivedSpan[]) => boolean,
  ): Promise<readonly ReceivedSpan[]> {
    return new Promise((resolve, reject) => {
      const found = (): readonly ReceivedSpan[] => this.spans.filter((s) => s.traceId === traceId);
      const timer = setTimeout(() => {
        reject(new Error(`of trace ${traceId} came only ${JSON.stringify(found())}`));
      }, PATIENCE_MS);
      const look = (): void => {
        if (!areThere(found())) return;
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve(found());
      };
      this.watchers.add(look);
      look();
    });
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take({ resourceSpans }: Exported): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const id = resource.attributes.find(({ key }) => key === 'service.instance.id');
      const sender = id?.value.stringValue ?? '';
      for (const { spans } of scopeSpans)
        for (const span of spans) this.spans.push({ ...span, sender });
    }
    for (const look of [...this.watchers]) look();
  }
}
