import { join } from 'node:path';
import { ConfigError } from '../config/replica-config';
import { OWNER_ONLY } from '../config/secret-file';
import { makeFolder } from '../group-folder/make-folder';
import { writeWhole } from '../group-folder/write-whole';
import { isThere } from '../storage/folder';
import { CertificateAuthority, lifetime, type CertifiedNode } from './make-certificates';

const CA_DAYS = 3_650;
export const CA_CERTIFICATE = 'ca.crt';

export interface WantedCertificates {
  readonly folder: string;
  /** By the name of its files. */
  readonly nodes: ReadonlyMap<string, CertifiedNode>;
  readonly days: number;
}

/**
 * A new CA and a certificate for each node, as files: `ca.crt`, `ca.key`, `NAME.crt`, `NAME.key`. Throws `ConfigError`, and
 * writes nothing, when one of them exists.
 *
 * @returns the names of the files
 */
export async function writeCertificates(wanted: WantedCertificates): Promise<string[]> {
  const { folder, nodes, days } = wanted;
  const valid = lifetime(days);
  const ca = await CertificateAuthority.make('Lockstep CA', lifetime(CA_DAYS));
  const files = new Map([
    [CA_CERTIFICATE, ca.certificatePem],
    ['ca.key', ca.keyPem],
  ]);
  for (const [name, node] of nodes) {
    const { certificatePem, keyPem } = await ca.sign(node, valid);
    files.set(`${name}.crt`, certificatePem).set(`${name}.key`, keyPem);
  }
  for (const name of files.keys())
    if (await isThere(join(folder, name)))
      throw new ConfigError('--to', `${join(folder, name)} exists, and is not overwritten`);
  await makeFolder(folder);
  for (const [name, text] of files)
    await writeWhole(join(folder, name), text, name.endsWith('.key') ? OWNER_ONLY : 0o644);
  return [...files.keys()];
}
