import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../config/replica-config';
import { reasonOf } from '../storage/fault';
import type { CaFile, PairFiles, TlsFiles } from './tls-files';

/** A certificate with the chain above it, and its key. In PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
  /** Of the certificate itself: the first in its file. */
  readonly expiresAtMs: number;
}

/** Everything that the files held at one moment; it fits together. */
export interface Material {
  readonly own: Pair;
  readonly towardsPeers: Pair;
  /** Certificates in PEM. */
  readonly ca: string;
  readonly peersCa: string;
  /** The same for the same content, and no key can be had from it. */
  readonly fingerprint: string;
}

/** Throws `ConfigError` that names the setting and the file; it never quotes one. */
export async function readMaterial(files: TlsFiles): Promise<Material> {
  const own = await readPair(files.own);
  const towardsPeers = files.towardsPeers === files.own ? own : await readPair(files.towardsPeers);
  const ca = await readCa(files.ca);
  const peersCa = files.peersCa === files.ca ? ca : await readCa(files.peersCa);
  const all = [own.certificate, own.key, towardsPeers.certificate, towardsPeers.key, ca, peersCa];
  const hash = createHash('sha256');
  for (const text of all) hash.update(`${text.length}\0`).update(text);
  return { own, towardsPeers, ca, peersCa, fingerprint: hash.digest('hex') };
}

async function readPair({ name, certificate: file, key: keyFile }: PairFiles): Promise<Pair> {
  const certificate = await textOf(`${name}.certificate`, file);
  const key = await secretTextOf(`${name}.key`, keyFile);
  const [first] = certificatesIn(`${name}.certificate`, file, certificate);
  const parsed = parsedKey(`${name}.key`, keyFile, key);
  if (!first.checkPrivateKey(parsed))
    throw new ConfigError(`${name}.key`, `${keyFile} is not the key of ${file}`);
  try {
    createSecureContext({ cert: certificate, key });
  } catch (fault) {
    throw new ConfigError(`${name}.certificate`, `${file} cannot be used: ${reasonOf(fault)}`);
  }
  return { certificate, key, expiresAtMs: Date.parse(first.validTo) };
}

async function readCa({ name, path }: CaFile): Promise<string> {
  const text = await textOf(name, path);
  if (!certificatesIn(name, path, text).every(({ ca }) => ca))
    throw new ConfigError(name, `${path} holds a certificate that is none of a CA`);
  return text;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function certificatesIn(
  name: string,
  path: string,
  text: string,
): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...rest] = (text.match(PEM) ?? []).map((pem) => new X509Certificate(pem));
    if (first !== undefined) return [first, ...rest];
  } catch {
    // Said below: what OpenSSL says of it helps nobody.
  }
  throw new ConfigError(name, `${path} holds no certificate in PEM`);
}

function parsedKey(name: string, path: string, text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    throw new ConfigError(name, `${path} holds no private key in PEM without a passphrase`);
  }
}

async function secretTextOf(name: string, path: string): Promise<string> {
  const text = await textOf(name, path);
  if (((await stat(path)).mode & 0o007) !== 0)
    throw new ConfigError(name, `everybody may read ${path}: run chmod 600 on it`);
  return text;
}

async function textOf(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    throw new ConfigError(name, `${path} cannot be read: ${reasonOf(fault)}`);
  }
}
