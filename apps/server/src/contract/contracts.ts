import { counterContract } from './counter-contract';
import { filesContract } from './files/files-contract';
import { groupContract } from './group-contract';
import { locksContract } from './locks-contract';
import type { ServiceContract } from './service-contract';
import { sessionsContract } from './sessions-contract';

/** Services that have a form in JSON, by their names. */
export const CONTRACTS: ReadonlyMap<string, ServiceContract> = new Map(
  [sessionsContract, locksContract, filesContract, counterContract, groupContract].map(
    (contract) => [contract.service, contract],
  ),
);
