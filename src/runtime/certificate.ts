import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import type { TlsIdentity } from "./runtime.ts";

const DAY_MS = 86_400_000;
/** Apple's clients take no server certificate that is valid for longer than 825 days. */
const VALID_DAYS = 820;
const COMMON_NAME = "Perpwire paper venue";
const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  keyUsage: [0x55, 0x1d, 0x0f],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
} as const;
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * A certificate that vouches for itself, for names and addresses, with a new P-256 key: whoever takes it for an authority
 * (`NODE_EXTRA_CA_CERTS`) trusts this server and no other.
 */
export function selfSignedIdentity(hosts: readonly string[], nowMs: number): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = der(TAG.sequence, der(TAG.oid, OID.ecdsaWithSha256));
  const name = der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, der(TAG.oid, OID.commonName), der(TAG.utf8String, Buffer.from(COMMON_NAME)))),
  );
  // A serial number is positive: its first bit is not set, and its first byte is not zero.
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const toBeSigned = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, [2])),
    der(TAG.integer, serial),
    algorithm,
    name,
    der(TAG.sequence, utcTime(nowMs - DAY_MS), utcTime(nowMs + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(TAG.sequence, ...extensions(hosts))),
  );
  const signature = der(TAG.bitString, [0], sign("sha256", toBeSigned, privateKey));
  const certificate = pem(der(TAG.sequence, toBeSigned, algorithm, signature));
  return { certificate, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** SHA-256 of a certificate, as browsers and `openssl x509 -fingerprint -sha256` show it. */
export function fingerprintOf(certificate: string): string {
  const digest = createHash("sha256").update(new X509Certificate(certificate).raw).digest("hex").toUpperCase();
  return digest.match(/../g)?.join(":") ?? "";
}

function extensions(hosts: readonly string[]): readonly Buffer[] {
  const isTrue = der(TAG.boolean, [0xff]);
  const extension = (oid: readonly number[], isCritical: boolean, value: Buffer) =>
    der(TAG.sequence, der(TAG.oid, oid), ...(isCritical ? [isTrue] : []), der(TAG.octetString, value));
  return [
    extension(OID.basicConstraints, true, der(TAG.sequence, isTrue)),
    // Digital signature and certificate signing: bits 0 and 5.
    extension(OID.keyUsage, true, der(TAG.bitString, [0x02, 0x84])),
    extension(OID.extendedKeyUsage, false, der(TAG.sequence, der(TAG.oid, OID.serverAuth))),
    extension(OID.subjectAltName, false, der(TAG.sequence, ...hosts.map(alternativeName))),
  ];
}

/** `[2]` is a DNS name, `[7]` the bytes of an address. */
function alternativeName(host: string): Buffer {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIPv4(bare)) return der(0x87, bare.split(".").map(Number));
  if (isIPv6(bare)) return der(0x87, bytesOfIPv6(bare));
  return der(0x82, Buffer.from(bare, "latin1"));
}

/** URLs write an IPv6 address with its zeros left out; an IPv4 address at its end comes back as two groups. */
function bytesOfIPv6(address: string): readonly number[] {
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = shortest.split("::");
  const groups = (text: string | undefined) => (text === undefined || text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail)];
  const zeros = new Array<string>(8 - first.length - last.length).fill("0");
  return [...first, ...(tail === undefined ? [] : zeros), ...last].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** `YYMMDDhhmmssZ`, which holds until 2049. */
function utcTime(timeMs: number): Buffer {
  const text = new Date(timeMs).toISOString().replace(/[-:T]/g, "");
  return der(TAG.utcTime, Buffer.from(`${text.slice(2, 14)}Z`));
}

function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function pem(content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
