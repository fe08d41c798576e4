import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** How a certificate names a node and not a machine: an URI among its subject's alternative names. (RFC 5280 §4.2.1.6) */
export const NODE_URN = 'urn:lockstep:node:';

/** Of a replica, as the group knows it. */
export interface NodeName {
  readonly nodeId: string;
  /** Of its URL; undefined for one whose address is not known yet. */
  readonly host: string | undefined;
}

/**
 * Why a certificate is not that of a node; undefined when it is. One that names nodes must name this one, whatever hosts it
 * names; any other must name the host that the group knows the node by.
 */
export function misnamed(
  certificate: X509Certificate,
  { nodeId, host }: NodeName,
): string | undefined {
  const names = certificate.subjectAltName ?? '';
  const nodes = [...names.matchAll(/URI:"?urn:lockstep:node:([^",]+)/g)].map(([, id]) => id);
  if (nodes.length > 0)
    return nodes.includes(nodeId)
      ? undefined
      : `its certificate is that of ${nodes.join(', ')}, not of ${nodeId}`;
  if (host === undefined) return undefined;
  const named =
    isIP(host) === 0 ? certificate.checkHost(host, NO_SUBJECT) : certificate.checkIP(host);
  return named === undefined ? `its certificate does not name ${host}` : undefined;
}

/** The common name of a subject is no name of a host. (RFC 9525 §2) */
const NO_SUBJECT = { subject: 'never' } as const;

/** Without the brackets of IPv6. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');
