import type { Configuration, Epoch, Member, Life } from '@lockstep/vr-core';

/** An epoch with the addresses at which its replicas listen now. */
export function withAddresses(epoch: Epoch, addresses: Readonly<Record<string, string>>): Epoch {
  if (Object.keys(addresses).length === 0) return epoch;
  const readdress = (configuration: Configuration): Configuration => ({
    ...configuration,
    members: configuration.members.map((member) => atUrl(member, addresses[member.nodeId])),
  });
  const { configuration, previous } = epoch;
  return {
    ...epoch,
    configuration: readdress(configuration),
    previous: previous && readdress(previous),
  };
}

function atUrl(member: Member, url: string | undefined): Member {
  return url === undefined ? member : { ...member, peerUrl: url, clientUrl: url };
}

/** What a life has promised, with its epoch as it is reached now: replicas that have moved together are found. */
export const readdressed = (life: Life, addresses: Readonly<Record<string, string>>): Life => ({
  ...life,
  promise: { ...life.promise, epoch: withAddresses(life.promise.epoch, addresses) },
});
