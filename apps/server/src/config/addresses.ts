import type { Configuration, Epoch, Member } from '@lockstep/vr-core';

/** An epoch with the addresses at which its replicas listen now. */
export function withAddresses(epoch: Epoch, addresses: Readonly<Record<string, string>>): Epoch {
  if (Object.keys(addresses).length === 0) return epoch;
  const readdress = (configuration: Configuration): Configuration => ({
    ...configuration,
    members: configuration.members.map((member) => readdressed(member, addresses[member.nodeId])),
  });
  const { configuration, previous } = epoch;
  return {
    ...epoch,
    configuration: readdress(configuration),
    previous: previous && readdress(previous),
  };
}

function readdressed(member: Member, url: string | undefined): Member {
  return url === undefined ? member : { ...member, peerUrl: url, clientUrl: url };
}
