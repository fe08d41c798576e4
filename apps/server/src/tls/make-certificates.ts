import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralNames,
  type X509Certificate,
} from '@peculiar/x509';
import { NODE_URN, type NodeName } from './node-name';

/** ECDSA with P-256: what every TLS library of today takes. (RFC 8446 §9.1) */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
/** A clock that is behind by less finds the certificate valid all the same. */
const CLOCK_SLACK_MS = 3_600_000;

export interface MadePair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** So many days from now on. */
export function lifetime(days: number, nowMs = Date.now()): Lifetime {
  return {
    notBefore: new Date(nowMs - CLOCK_SLACK_MS),
    notAfter: new Date(nowMs + days * DAY_MS),
  };
}

/** A CA of one's own, which signs certificates of nodes. Whoever has its key is whatever node he likes. */
export class CertificateAuthority {
  readonly certificatePem: string;
  readonly keyPem: string;
  private readonly certificate: X509Certificate;
  private readonly key: webcrypto.CryptoKey;

  private constructor(certificate: X509Certificate, key: webcrypto.CryptoKey, keyPem: string) {
    this.certificate = certificate;
    this.certificatePem = `${certificate.toString('pem')}\n`;
    this.key = key;
    this.keyPem = keyPem;
  }

  static async make(name: string, valid: Lifetime): Promise<CertificateAuthority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: ALGORITHM,
      ...valid,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    });
    return new CertificateAuthority(certificate, keys.privateKey, await pemOf(keys.privateKey));
  }

  /** Of one node, for the port that it serves and for the peers that it dials. */
  async sign({ nodeId, hosts }: CertifiedNode, valid: Lifetime): Promise<MadePair> {
    const keys = await newKeys();
    const names: JsonGeneralNames = hosts.map((host) => ({
      type: isIP(host) === 0 ? 'dns' : 'ip',
      value: host,
    }));
    if (nodeId !== undefined) names.push({ type: 'url', value: `${NODE_URN}${nodeId}` });
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${nodeId ?? hosts[0] ?? 'lockstep'}`,
      issuer: this.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.key,
      signingAlgorithm: ALGORITHM,
      ...valid,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(names),
      ],
    });
    return {
      certificatePem: `${certificate.toString('pem')}\n`,
      keyPem: await pemOf(keys.privateKey),
    };
  }
}

export interface CertifiedNode {
  /** Undefined: a certificate of hosts alone. */
  readonly nodeId: NodeName['nodeId'] | undefined;
  /** Names and addresses under which it is dialled. */
  readonly hosts: readonly string[];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  cryptoProvider.set(webcrypto);
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${PemConverter.encode(bytes, 'PRIVATE KEY')}\n`;
}
