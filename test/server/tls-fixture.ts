import { join } from 'node:path';
import { rename, writeFile } from 'node:fs/promises';
import { replicaFolder, type Group } from '../../apps/server/src/group-folder/group';
import {
  CertificateAuthority,
  lifetime,
  type MadePair,
} from '../../apps/server/src/tls/make-certificates';

export const newCa = (name = 'Test CA'): Promise<CertificateAuthority> =>
  CertificateAuthority.make(name, lifetime(2));

/** As `lockstep.yaml` says it; the files are in the folder of each replica. */
export const TLS_SETTINGS = 'tls: {certificate: node.crt, key: node.key, ca: ca.crt}';

/** Of a node of this machine. */
export const certificateOf = (
  ca: CertificateAuthority,
  nodeId: string,
  days = 2,
): Promise<MadePair> => ca.sign({ nodeId, hosts: ['127.0.0.1', 'localhost'] }, lifetime(days));

/** A certificate in the folder of every replica, and the settings that name it. */
export const securedBy =
  (ca: CertificateAuthority) =>
  async (group: Group): Promise<Readonly<Record<string, string>>> => {
    for (const { replicaNumber, nodeId } of group.replicas) {
      const folder = replicaFolder(group.folder, replicaNumber);
      await writeFile(join(folder, 'ca.crt'), ca.certificatePem);
      await installPair(folder, await certificateOf(ca, nodeId));
    }
    return { LOCKSTEP_SETTINGS: TLS_SETTINGS };
  };

/** The way an operator does it: one file after the other. */
export async function installPair(folder: string, pair: MadePair): Promise<void> {
  await replace(join(folder, 'node.crt'), pair.certificatePem);
  await replace(join(folder, 'node.key'), pair.keyPem);
}

export async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
