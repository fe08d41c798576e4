import { isIPv4, isIPv6 } from 'node:net';

/** True for addresses that only this machine can reach (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIPv4(host)) return host.startsWith('127.');
  return isIPv6(host) && /^(0*:)*:?0*1$/.test(host);
}

export const LOOPBACK_ONLY = 'only loopback addresses (127.0.0.1, ::1, localhost) are served here';

export type Scheme = 'http' | 'https';

/** An URL of a replica; IPv6 addresses stand in brackets (RFC 3986 §3.2.2). */
export function urlOf(host: string, port: number, scheme: Scheme): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
