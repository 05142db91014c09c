import { encode } from "@msgpack/msgpack";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Hyperliquid's signatures in a few lines: they share no code with the box. Keys of actions are in the right order already. */
export interface Terms {
  readonly vaultAddress?: string;
  readonly expiresAfter?: number;
  readonly isTestnet?: boolean;
}

const hash = (text: string): Uint8Array => keccak_256(new TextEncoder().encode(text));
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const number = (value: number | bigint | string, bytes: number): Uint8Array =>
  hexToBytes(
    BigInt(value)
      .toString(16)
      .padStart(bytes * 2, "0"),
  );
const domain = (name: string, chain: number | string): Uint8Array => {
  const type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
  return keccak_256(join(hash(type), hash(name), hash("1"), number(chain, 32), number(0, 32)));
};

function signed(digest: Uint8Array, privateKey: string) {
  const [recovery = 0, ...rest] = secp256k1.sign(digest, hexToBytes(privateKey.slice(2)), {
    prehash: false,
    format: "recovered",
  });
  const half = (from: number) => `0x${bytesToHex(Uint8Array.from(rest.slice(from, from + 32)))}`;
  return { r: half(0), s: half(32), v: 27 + recovery };
}

/** The body of `POST /exchange` for an L1 action. */
export function signedAction(action: object, nonce: number, privateKey: string, terms: Terms = {}) {
  const { vaultAddress, expiresAfter, isTestnet = false } = terms;
  const vault = vaultAddress === undefined ? number(0, 1) : join(number(1, 1), number(vaultAddress, 20));
  const expiry = expiresAfter === undefined ? new Uint8Array() : join(number(0, 1), number(expiresAfter, 8));
  const connection = keccak_256(join(encode(action), number(nonce, 8), vault, expiry));
  const agent = keccak_256(
    join(hash("Agent(string source,bytes32 connectionId)"), hash(isTestnet ? "b" : "a"), connection),
  );
  const digest = keccak_256(join(Uint8Array.of(0x19, 1), domain("Exchange", 1_337), agent));
  const optional = { ...(vaultAddress && { vaultAddress }), ...(expiresAfter && { expiresAfter }) };
  return { action, nonce, signature: signed(digest, privateKey), ...optional };
}

/** The same for one that an account signs field by field; `fields` are `type name` in their order. */
export function signedByUser(
  action: Readonly<Record<string, unknown>>,
  struct: string,
  fields: readonly string[],
  privateKey: string,
) {
  const words = fields.map((field) => {
    const [type, name = ""] = field.split(" ");
    const value = action[name] ?? "";
    return type === "string"
      ? hash(String(value))
      : number(typeof value === "boolean" ? Number(value) : String(value), 32);
  });
  const typeHash = hash(`HyperliquidTransaction:${struct}(${fields.join(",")})`);
  const root = domain("HyperliquidSignTransaction", String(action.signatureChainId));
  const digest = keccak_256(join(Uint8Array.of(0x19, 1), root, keccak_256(join(typeHash, ...words))));
  return { action, nonce: action.nonce ?? action.time, signature: signed(digest, privateKey) };
}

export function addressOf(privateKey: string): string {
  const point = secp256k1.getPublicKey(hexToBytes(privateKey.slice(2)), false);
  return `0x${bytesToHex(keccak_256(point.slice(1)).slice(-20))}`;
}

/** The private key that the box makes of a text. */
export function keyOfText(text: string): string {
  return `0x${bytesToHex(hash(text))}`;
}

/** A cloid that says what it is called. */
export function cloidOf(name: string): string {
  return `0x${bytesToHex(new TextEncoder().encode(name)).padStart(32, "0")}`;
}
