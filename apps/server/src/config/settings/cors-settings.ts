import { ArrayMaxSize, ArrayMinSize, IsArray, Matches } from 'class-validator';

/** Pages of other origins that may use this server from within a browser. */
export class CorsSettings {
  /** As browsers spell them: `https://console.example`. (RFC 6454 §6.2) */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(/^https?:\/\/[^/\s*]+$/, {
    each: true,
    message: 'origins must each be https://HOST or https://HOST:PORT',
  })
  origins: string[];
}
