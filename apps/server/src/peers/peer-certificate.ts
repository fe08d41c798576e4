import { X509Certificate } from 'node:crypto';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { channelBinding } from '../tls/channel-binding';
import { hostOf, misnamed } from '../tls/node-name';

/** What a peer is called and where it is; of a node that is no member only its id is known. */
export interface ExpectedPeer {
  readonly nodeId: string;
  readonly peerUrl: string | undefined;
}

/** For `checkServerIdentity`: Node has found the chain good, and asks for the name. */
export const identityCheck =
  ({ nodeId, peerUrl }: ExpectedPeer) =>
  (_host: string, { raw }: PeerCertificate): Error | undefined => {
    const host = peerUrl === undefined ? undefined : hostOf(peerUrl);
    const problem = misnamed(new X509Certificate(raw), { nodeId, host });
    return problem === undefined ? undefined : new Error(problem);
  };

/** Why the certificate that a dialler has shown is not that of a peer; undefined when it is. */
export function certificateRefusal(
  socket: unknown,
  { nodeId, peerUrl }: ExpectedPeer,
): string | undefined {
  if (!(socket instanceof TLSSocket)) return 'it is not encrypted';
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'it shows no certificate';
  // Node gives the code of the fault as a text, where its type says Error.
  if (!socket.authorized)
    return `its certificate is not accepted: ${String(socket.authorizationError)}`;
  const host = peerUrl === undefined ? undefined : hostOf(peerUrl);
  return misnamed(certificate, { nodeId, host });
}

/** What a handshake on this socket is bound to: nothing where there is no TLS. Undefined when TLS is wanted and not there. */
export function channelOf(socket: unknown, isTls: boolean): Uint8Array | undefined {
  return isTls ? channelBinding(socket) : new Uint8Array();
}
