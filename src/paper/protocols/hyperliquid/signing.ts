import { encode } from "@msgpack/msgpack";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** Signature as it came: clients leave out leading zeros. */
export interface WireSignature {
  readonly r: string;
  readonly s: string;
  readonly v: number;
}

/** Fields that an L1 action is signed together with. */
export interface SignedEnvelope {
  readonly nonce: number;
  readonly vaultAddress?: string | null | undefined;
  readonly expiresAfter?: number | null | undefined;
}

type StructField = readonly [type: "string" | "address" | "bool" | "uint64", name: string];

const CHAIN: StructField = ["string", "hyperliquidChain"];
const NONCE: StructField = ["uint64", "nonce"];
const PAYMENT: readonly StructField[] = [CHAIN, ["string", "destination"], ["string", "amount"], ["uint64", "time"]];

/** Actions that an account signs field by field, by their type: name and fields of the struct (docs, signing). */
export const USER_SIGNED: Readonly<Record<string, { readonly name: string; readonly fields: readonly StructField[] }>> =
  {
    approveAgent: {
      name: "ApproveAgent",
      fields: [CHAIN, ["address", "agentAddress"], ["string", "agentName"], NONCE],
    },
    approveBuilderFee: {
      name: "ApproveBuilderFee",
      fields: [CHAIN, ["string", "maxFeeRate"], ["address", "builder"], NONCE],
    },
    usdClassTransfer: { name: "UsdClassTransfer", fields: [CHAIN, ["string", "amount"], ["bool", "toPerp"], NONCE] },
    usdSend: { name: "UsdSend", fields: PAYMENT },
    withdraw3: { name: "Withdraw", fields: PAYMENT },
  };

const WORD = 32;
const L1_CHAIN = 1_337n;
const ADDRESS_BYTES = 20;
const NO_CONTRACT = new Uint8Array(WORD);

const hashText = (text: string): Uint8Array => keccak_256(utf8ToBytes(text));

function bigEndian(value: bigint, length: number): Uint8Array {
  return hexToBytes(value.toString(16).padStart(length * 2, "0"));
}

const addressBytes = (address: string): Uint8Array => hexToBytes(address.slice(2));

function domainHash(name: string, chainId: bigint): Uint8Array {
  const type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
  const parts = [hashText(type), hashText(name), hashText("1"), bigEndian(chainId, WORD), NO_CONTRACT];
  return keccak_256(concatBytes(...parts));
}

function typedDigest(domain: Uint8Array, struct: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domain, struct));
}

/** Keys of the action have to be in the venue's order, and its decimals in their shortest form. */
export function actionHash(action: object, { nonce, vaultAddress, expiresAfter }: SignedEnvelope): Uint8Array {
  const vault = vaultAddress == null ? [Uint8Array.of(0)] : [Uint8Array.of(1), addressBytes(vaultAddress)];
  const expiry = expiresAfter == null ? [] : [Uint8Array.of(0), bigEndian(BigInt(expiresAfter), 8)];
  return keccak_256(concatBytes(encode(action), bigEndian(BigInt(nonce), 8), ...vault, ...expiry));
}

/** `source` is `a` on mainnet and `b` on testnet. */
export function agentDigest(connectionId: Uint8Array, source: "a" | "b"): Uint8Array {
  const struct = [hashText("Agent(string source,bytes32 connectionId)"), hashText(source), connectionId];
  return typedDigest(domainHash("Exchange", L1_CHAIN), keccak_256(concatBytes(...struct)));
}

type Scalar = string | number | boolean;

/** Digest of an action of `USER_SIGNED`; a text that is absent is signed as empty. */
export function userDigest(type: string, action: Readonly<Record<string, unknown>>, chainId: bigint): Uint8Array {
  const { name = "", fields = [] } = USER_SIGNED[type] ?? {};
  const typeText = `HyperliquidTransaction:${name}(${fields.map((field) => field.join(" ")).join(",")})`;
  const words = fields.map(([kind, field]) => wordOf(kind, (action[field] ?? "") as Scalar));
  const struct = keccak_256(concatBytes(hashText(typeText), ...words));
  return typedDigest(domainHash("HyperliquidSignTransaction", chainId), struct);
}

function wordOf(kind: StructField[0], value: Scalar): Uint8Array {
  if (kind === "string") return hashText(String(value));
  return bigEndian(BigInt(value), WORD);
}

/** Undefined for a signature that no key made. */
export function recoverAddress(digest: Uint8Array, { r, s, v }: WireSignature): string | undefined {
  try {
    const recovery = v >= 27 ? v - 27 : v;
    const signature = new secp256k1.Signature(BigInt(r), BigInt(s), recovery);
    return addressOfPoint(signature.recoverPublicKey(digest).toBytes(false));
  } catch {
    return undefined;
  }
}

/** Lower case, as the venue tells addresses. */
export function addressOfKey(privateKey: string): string {
  return addressOfPoint(secp256k1.getPublicKey(hexToBytes(privateKey.slice(2)), false));
}

function addressOfPoint(point: Uint8Array): string {
  return `0x${bytesToHex(keccak_256(point.slice(1)).slice(-ADDRESS_BYTES))}`;
}

/** 32 bytes that follow from a text and look like chance. */
export function digestOfText(text: string): string {
  return `0x${bytesToHex(hashText(text))}`;
}
