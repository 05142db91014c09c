import { encode } from "@msgpack/msgpack";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** A value of an action as it goes to the venue. A key whose value is undefined is not there. */
export type ActionValue = string | number | boolean | readonly ActionValue[] | ActionFields;
export interface ActionFields {
  readonly [key: string]: ActionValue | undefined;
}
/** Action that `POST /exchange` is asked for. */
export interface Action extends ActionFields {
  readonly type: string;
}

/** Fields that are signed together with an L1 action, in this order. */
export interface ActionEnvelope {
  /** Epoch milliseconds, never used before by the same key. */
  readonly nonce: number;
  /** The sub-account or vault that is traded, `0x` and 40 hexadecimal digits. */
  readonly vaultAddress?: string | undefined;
  /** The venue refuses the action from then on, epoch milliseconds. */
  readonly expiresAfter?: number | undefined;
}

/** A recoverable ECDSA signature; `r` and `s` are `0x` and 64 hexadecimal digits. */
export interface ActionSignature {
  readonly r: string;
  readonly s: string;
  readonly v: 27 | 28;
}

/** The order of an object's keys, and that of the objects in it; null for a value that holds no further keys. */
interface KeyOrder {
  readonly [key: string]: KeyOrder | null;
}

const ORDER_KEYS: KeyOrder = {
  ...{ a: null, b: null, p: null, s: null, r: null },
  t: { limit: { tif: null }, trigger: { isMarket: null, triggerPx: null, tpsl: null } },
  c: null,
};

/**
 * The venue hashes an action as its own types order it, whatever the order in the JSON: a key elsewhere gives another
 * hash, and with it the address of a stranger as the signer.
 */
const ACTION_KEYS: Readonly<Record<string, KeyOrder>> = {
  order: { type: null, orders: ORDER_KEYS, grouping: null, builder: { b: null, f: null } },
  cancel: { type: null, cancels: { a: null, o: null }, f: null },
  cancelByCloid: { type: null, cancels: { asset: null, cloid: null }, f: null },
  modify: { type: null, oid: null, order: ORDER_KEYS, a: null },
  batchModify: { type: null, modifies: { oid: null, order: ORDER_KEYS }, a: null },
  scheduleCancel: { type: null, time: null },
  updateLeverage: { type: null, asset: null, isCross: null, leverage: null },
  updateIsolatedMargin: { type: null, asset: null, isBuy: null, ntli: null },
  topUpIsolatedOnlyMargin: { type: null, asset: null, leverage: null },
  twapOrder: { type: null, twap: { a: null, b: null, s: null, r: null, m: null, t: null }, details: null },
  twapCancel: { type: null, a: null, t: null },
  reserveRequestWeight: { type: null, weight: null, destination: null },
  noop: { type: null },
};

type FieldType = "string" | "address" | "bool" | "uint64" | "uint256" | "bytes32";
type Struct = readonly (readonly [type: FieldType, name: string])[];

const DOMAIN: Struct = [
  ["string", "name"],
  ["string", "version"],
  ["uint256", "chainId"],
  ["address", "verifyingContract"],
];
const AGENT: Struct = [
  ["string", "source"],
  ["bytes32", "connectionId"],
];
const CHAIN = ["string", "hyperliquidChain"] as const;
const DESTINATION = ["string", "destination"] as const;
const AMOUNT = ["string", "amount"] as const;
const NONCE = ["uint64", "nonce"] as const;
const TIME = ["uint64", "time"] as const;

/** Actions that only the account's own key may sign, with the names that their structs have. */
const USER_SIGNED: Readonly<Record<string, readonly [name: string, struct: Struct]>> = {
  approveAgent: ["ApproveAgent", [CHAIN, ["address", "agentAddress"], ["string", "agentName"], NONCE]],
  approveBuilderFee: ["ApproveBuilderFee", [CHAIN, ["string", "maxFeeRate"], ["address", "builder"], NONCE]],
  usdClassTransfer: ["UsdClassTransfer", [CHAIN, AMOUNT, ["bool", "toPerp"], NONCE]],
  usdSend: ["UsdSend", [CHAIN, DESTINATION, AMOUNT, TIME]],
  withdraw3: ["Withdraw", [CHAIN, DESTINATION, AMOUNT, TIME]],
};

const NO_CONTRACT = `0x${"0".repeat(40)}`;
const L1_CHAIN_ID = 1_337;
const WORD_BYTES = 32;

function withoutPrefix(hex: string): string {
  return hex.startsWith("0x") ? hex.slice(2) : hex;
}

function hex(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`;
}

function isFields(value: ActionValue): value is ActionFields {
  return typeof value === "object" && !Array.isArray(value);
}

function inOrder(value: ActionValue, keys: KeyOrder | null | undefined): ActionValue {
  if (Array.isArray(value)) return value.map((one: ActionValue) => inOrder(one, keys));
  if (!isFields(value)) return value;
  const unknown = Object.keys(value).filter((key) => value[key] !== undefined && !(keys && Object.hasOwn(keys, key)));
  if (unknown.length > 0) throw new Error(`an action of Hyperliquid has no field ${unknown.join(", ")}`);
  const entries = Object.entries(keys ?? {}).flatMap(([key, inner]) => {
    const found = value[key];
    return found === undefined ? [] : [[key, inOrder(found, inner)] as const];
  });
  return Object.fromEntries(entries);
}

/** The action with its keys in the order that the venue hashes. Throws for an action or a field that it does not know. */
export function canonicalAction(action: Action): ActionValue {
  const keys = Object.hasOwn(ACTION_KEYS, action.type) ? ACTION_KEYS[action.type] : undefined;
  if (keys === undefined) throw new Error(`Hyperliquid has no action ${action.type} that is signed this way`);
  return inOrder(action, keys);
}

function bigEndian(value: number | bigint, length: number): Uint8Array {
  return hexToBytes(
    BigInt(value)
      .toString(16)
      .padStart(2 * length, "0"),
  );
}

/** The hash of an L1 action: MessagePack of it, the nonce, the vault, and the expiry where there is one. */
export function actionHash(action: Action, envelope: ActionEnvelope): Uint8Array {
  const { nonce, vaultAddress, expiresAfter } = envelope;
  const vault = vaultAddress === undefined ? [] : [hexToBytes(withoutPrefix(vaultAddress))];
  const expiry = expiresAfter === undefined ? [] : [Uint8Array.of(0), bigEndian(expiresAfter, 8)];
  const head = [encode(canonicalAction(action)), bigEndian(nonce, 8), Uint8Array.of(vault.length)];
  return keccak_256(concatBytes(...head, ...vault, ...expiry));
}

function word(type: FieldType, value: unknown): Uint8Array {
  if (type === "string") return keccak_256(utf8ToBytes(String(value ?? "")));
  if (type === "bool") return bigEndian(value === true ? 1 : 0, WORD_BYTES);
  if (type === "bytes32" && value instanceof Uint8Array) return value;
  return bigEndian(BigInt(String(value)), WORD_BYTES);
}

function hashStruct(name: string, struct: Struct, values: Readonly<Record<string, unknown>>): Uint8Array {
  const members = struct.map(([type, member]) => `${type} ${member}`).join(",");
  const words = struct.map(([type, member]) => word(type, values[member]));
  return keccak_256(concatBytes(keccak_256(utf8ToBytes(`${name}(${members})`)), ...words));
}

/** EIP-712: what is signed of a struct in a domain. */
function typedDataDigest(domainName: string, chainId: number | bigint, structHash: Uint8Array): Uint8Array {
  const domain = { name: domainName, version: "1", chainId, verifyingContract: NO_CONTRACT };
  const separator = hashStruct("EIP712Domain", DOMAIN, domain);
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), separator, structHash));
}

/** The digest of an L1 action (orders, cancels, leverage): its hash stands in a struct that names the network. */
export function l1Digest(action: Action, envelope: ActionEnvelope, isMainnet: boolean): Uint8Array {
  const agent = { source: isMainnet ? "a" : "b", connectionId: actionHash(action, envelope) };
  return typedDataDigest("Exchange", L1_CHAIN_ID, hashStruct("Agent", AGENT, agent));
}

/**
 * The digest of an action of `approveAgent`'s kind, which carries its `signatureChainId`, `hyperliquidChain` and nonce. A
 * name that is missing is signed as an empty text. Throws for another action.
 */
export function userSignedDigest(action: Action): Uint8Array {
  const { type, signatureChainId } = action;
  const known = Object.hasOwn(USER_SIGNED, type) ? USER_SIGNED[type] : undefined;
  if (known === undefined) throw new Error(`Hyperliquid has no action ${type} that an account signs itself`);
  const [name, struct] = known;
  const structHash = hashStruct(`HyperliquidTransaction:${name}`, struct, action);
  return typedDataDigest("HyperliquidSignTransaction", BigInt(String(signatureChainId)), structHash);
}

/** Signs a digest: RFC 6979, low `s`. The key is `0x` and 64 hexadecimal digits, the prefix may be left out. */
export function signDigest(digest: Uint8Array, privateKey: string): ActionSignature {
  const key = hexToBytes(withoutPrefix(privateKey));
  const bytes = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
  const v = bytes[0] === 0 ? 27 : 28;
  return { r: hex(bytes.subarray(1, 1 + WORD_BYTES)), s: hex(bytes.subarray(1 + WORD_BYTES)), v };
}

function addressOfPublicKey(uncompressed: Uint8Array): string {
  return hex(keccak_256(uncompressed.subarray(1)).subarray(-20));
}

/** The address whose key made a signature, in lower case. `r` and `s` may lack leading zeros. Throws where there is none. */
export function recoverAddress(digest: Uint8Array, { r, s, v }: ActionSignature): string {
  const signature = concatBytes(
    Uint8Array.of(v - 27),
    bigEndian(BigInt(r), WORD_BYTES),
    bigEndian(BigInt(s), WORD_BYTES),
  );
  const compressed = secp256k1.recoverPublicKey(signature, digest, { prehash: false });
  return addressOfPublicKey(secp256k1.Point.fromBytes(compressed).toBytes(false));
}

/** The address of a private key, in lower case. Throws where the text is not a key. */
export function addressOfKey(privateKey: string): string {
  return addressOfPublicKey(secp256k1.getPublicKey(hexToBytes(withoutPrefix(privateKey)), false));
}
