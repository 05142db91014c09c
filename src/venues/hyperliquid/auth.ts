import { AuthError } from "../../model/error.ts";
import {
  ACCOUNT_ADDRESS,
  type Authenticator,
  type CredentialSpec,
  type Credentials,
  PRIVATE_KEY,
  type PreparedRequest,
  receiveWindowMs,
  requiredCredential,
  type SigningContext,
  VAULT_ADDRESS,
} from "../../net/auth.ts";
import { Nonces } from "../../net/nonces.ts";
import * as constants from "./constants.ts";
import {
  type Action,
  type ActionEnvelope,
  type ActionSignature,
  addressOfKey,
  canonicalAction,
  l1Digest,
  signDigest,
} from "./signing.ts";

const KEY = /^(0x)?[0-9a-f]{64}$/i;
const ADDRESS = /^0x[0-9a-f]{40}$/i;
/** Actions that an order may come of: one that was long under way is refused. */
const EXPIRING: ReadonlySet<string> = new Set(["order", "modify", "batchModify"]);

function invalid({ name, label }: CredentialSpec, hint: string): AuthError {
  return new AuthError(`the ${label} is none`, { code: "CREDENTIALS_INVALID", hint: `credentials.${name} is ${hint}` });
}

/** Neither the key nor a part of it is in any message. */
function keyOf(credentials: Credentials): { readonly privateKey: string; readonly signer: string } {
  const privateKey = requiredCredential(credentials, PRIVATE_KEY);
  const hint = "0x and 64 hexadecimal digits, the key of the account or of an API wallet";
  if (!KEY.test(privateKey)) throw invalid(PRIVATE_KEY, hint);
  try {
    return { privateKey, signer: addressOfKey(privateKey) };
  } catch {
    throw invalid(PRIVATE_KEY, hint);
  }
}

function addressOf(credentials: Credentials, spec: CredentialSpec): string | undefined {
  const address = spec.isRequired ? requiredCredential(credentials, spec) : credentials[spec.name];
  if (address === undefined || address === "") return undefined;
  if (!ADDRESS.test(address)) throw invalid(spec, "0x and 40 hexadecimal digits");
  return address.toLowerCase();
}

interface UnsignedAction {
  readonly action: Action;
  /** Time from which on all orders are to be canceled: counted from the moment of signing. */
  readonly cancelAfterMs?: number | undefined;
}

function isUnsigned(body: unknown): body is UnsignedAction {
  if (typeof body !== "object" || body === null || !("action" in body)) return false;
  const { action } = body;
  return typeof action === "object" && action !== null && "type" in action && typeof action.type === "string";
}

/** Signature over the digest of an action with its nonce, vault and deadline, for one of the two networks (docs, signing). */
export function generateSignature(
  privateKey: string,
  action: Action,
  envelope: ActionEnvelope,
  isMainnet: boolean,
): ActionSignature {
  return signDigest(l1Digest(action, envelope, isMainnet), privateKey);
}

/**
 * Signs actions, whose body then has a nonce, a signature and, where there are any, the vault and a deadline. Everything
 * else goes as it is, and nothing logs a socket in: whoever knows an address may hear what it does (docs, WebSocket).
 */
export function createHyperliquidAuth(
  credentials: Credentials,
  context: SigningContext,
  domain: string,
): Authenticator {
  const { privateKey, signer } = keyOf(credentials);
  addressOf(credentials, ACCOUNT_ADDRESS);
  const vaultAddress = addressOf(credentials, VAULT_ADDRESS);
  const isMainnet = domain !== constants.TESTNET_DOMAIN;
  const nonces = context.nonces ?? new Nonces();
  return {
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const unsigned: unknown = JSON.parse(request.body ?? "null");
      if (!isUnsigned(unsigned)) return request;
      const nowMs = Math.floor(context.now());
      const { action: asked, cancelAfterMs } = unsigned;
      const action =
        cancelAfterMs === undefined ? asked : { ...asked, time: nowMs + receiveWindowMs(cancelAfterMs, context) };
      const deadline = EXPIRING.has(action.type)
        ? { expiresAfter: nowMs + receiveWindowMs(constants.EXPIRES_AFTER_MS, context) }
        : {};
      const envelope = { nonce: nonces.next(signer, nowMs), vaultAddress, ...deadline };
      const signature = generateSignature(privateKey, action, envelope, isMainnet);
      return { ...request, body: JSON.stringify({ action: canonicalAction(action), ...envelope, signature }) };
    },

    wsAuthenticate: () => undefined,
  };
}
