import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError } from '../config/replica-config';
import { writeCertificates } from '../tls/certificate-folder';
import type { CertifiedNode } from '../tls/make-certificates';
import { outputOption, writeResult, type OutputFormat } from './output';

interface Flags {
  readonly to: string;
  readonly hosts: string;
  readonly days: string;
  readonly output: OutputFormat;
}

const HELP = `
For trying out, and for groups without a CA of their own. Each HOST is a name or an address under which
replicas and clients dial a node; several of one node with + between; =ID makes the certificate one of that
node alone (id of GET /v1/cluster). The key of the CA is needed for the next certificate, and by no replica:
keep it elsewhere.

Examples
  lockstep certificates --to certs --hosts localhost+127.0.0.1+::1
  lockstep certificates --to certs --hosts a.example,b.example,c.example
  lockstep certificates --to certs --hosts a.example+10.0.0.1=r0-5e0c81a2`;

const NAME = /^[A-Za-z0-9.:-]{1,253}$/;
const NODE_ID = /^[A-Za-z0-9._-]{1,64}$/;
const DAYS_MAX = 825;

/** `lockstep certificates`: a CA and certificates of nodes, without OpenSSL. */
export function addCertificates(lockstep: Command): void {
  lockstep
    .command('certificates')
    .description('makes a CA and the certificates of nodes')
    .requiredOption('--to <dir>', 'folder for the files; none of them is overwritten')
    .requiredOption('--hosts <list>', 'HOST[+HOST...][=ID] of each node, with commas between')
    .option(
      '--days <number>',
      `how long the certificates of nodes are valid, 1 to ${DAYS_MAX}`,
      '90',
    )
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async ({ to, hosts, days, output }: Flags) => {
      const folder = resolve(to);
      const nodes = readNodes(hosts);
      const files = await writeCertificates({ folder, nodes, days: readDays(days) });
      const lines = files.map((name) => `${folder}/${name}`);
      writeResult(output, lines, { folder, files });
    });
}

function readNodes(text: string): Map<string, CertifiedNode> {
  const nodes = new Map<string, CertifiedNode>();
  for (const each of text.split(',')) {
    const [names = '', nodeId, ...rest] = each.split('=');
    const hosts = names.split('+');
    if (rest.length > 0 || !hosts.every((host) => NAME.test(host)))
      throw new ConfigError('--hosts', `${each} is not HOST[+HOST...][=ID]`);
    if (nodeId !== undefined && !NODE_ID.test(nodeId))
      throw new ConfigError('--hosts', `${nodeId} is no id of a node`);
    const name = nodeId ?? (hosts[0] ?? '').replaceAll(':', '-');
    if (nodes.has(name) || name === 'ca')
      throw new ConfigError('--hosts', `two files would be called ${name}`);
    nodes.set(name, { nodeId, hosts });
  }
  return nodes;
}

function readDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > DAYS_MAX)
    throw new ConfigError('--days', `${text} is not a number from 1 to ${DAYS_MAX}`);
  return days;
}
