import { IsNumber, IsUrl, Max, Min } from 'class-validator';

/** Traces are off without this section. */
export class TracingSettings {
  /** Where a collector takes OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  otlpUrl!: string;

  /** The share of requests that are traced among those whose sender did not decide it; 0.01 without it. */
  @IsNumber()
  @Min(0)
  @Max(1)
  sampleRatio = 0.01;
}
