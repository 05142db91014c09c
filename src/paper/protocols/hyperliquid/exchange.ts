import {
  approveAgent,
  scheduleCancel,
  sendUsd,
  transferClass,
  transferToSubAccount,
  updateIsolatedMargin,
  updateLeverage,
  withdraw,
} from "./account-actions.ts";
import { type Action, type ExchangeRequest, isUserSigned, readRequest } from "./actions.ts";
import type { Signer } from "./address-book.ts";
import type { HyperliquidContext } from "./context.ts";
import { ActionRefusal, malformed, mustDeposit, noSuchWallet, OrderRefusal } from "./errors.ts";
import { cancelOrders, modifyOrder, modifyOrders, placeOrders } from "./order-actions.ts";
import { actionHash, agentDigest, recoverAddress, userDigest } from "./signing.ts";
import type { WireObject } from "./wire.ts";

/** Cost of a stale action in the account's requests (docs, expiresAfter). */
const COST_OF_STALE = 5;
const BATCH_OF_WEIGHT = 40;

const DONE: WireObject = { type: "default" };

/** Answers `POST /exchange` and the `post` of a socket; `address` is where it came from. */
export async function answerAction(context: HyperliquidContext, body: unknown, address: string): Promise<WireObject> {
  const request = readRequest(body);
  if (request === undefined) throw malformed();
  context.limiter.weigh(address, 1 + Math.floor(rowsIn(request.action) / BATCH_OF_WEIGHT), context.now());
  try {
    const signer = admit(context, request);
    return { status: "ok", response: await perform(context, request, signer) };
  } catch (error) {
    if (error instanceof ActionRefusal || error instanceof OrderRefusal) {
      return { status: "err", response: error.message };
    }
    throw error;
  }
}

/**
 * Finds the signer of a request, who must be known, with a good nonce and within the time. An admitted request has used
 * up its nonce.
 */
function admit(context: HyperliquidContext, request: ExchangeRequest): Signer {
  const nowMs = context.now();
  const signer = signerOf(context, request);
  const refused = context.nonces.take(signer.address, request.nonce, nowMs);
  if (refused !== undefined) throw new ActionRefusal(refused);
  const { expiresAfter, action } = request;
  const isStale = expiresAfter != null && expiresAfter < nowMs;
  const count = isStale ? COST_OF_STALE : rowsIn(action);
  const isCancel = action.type === "cancel" || action.type === "cancelByCloid";
  context.limiter.act(signer.master, count, context.facts.volume(signer.master), isCancel, nowMs);
  if (isStale) throw new ActionRefusal("Action already expired.");
  return signer;
}

function rowsIn(action: Action): number {
  switch (action.type) {
    case "order":
      return action.orders.length;
    case "cancel":
    case "cancelByCloid":
      return action.cancels.length;
    case "batchModify":
      return action.modifies.length;
    default:
      return 1;
  }
}

/**
 * Recovers the signer; a request names nobody, and a signature of something else is one of a stranger. Signatures for
 * mainnet and for testnet are both taken.
 */
function signerOf(context: HyperliquidContext, request: ExchangeRequest): Signer {
  const { action, signature, nonce } = request;
  const nowMs = context.now();
  if (isUserSigned(action)) {
    if ("time" in action ? action.time !== nonce : action.nonce !== nonce) {
      throw new ActionRefusal("Nonce of the action and of the request differ.");
    }
    const address = recoverAddress(userDigest(action.type, action, BigInt(action.signatureChainId)), signature);
    if (address === undefined) throw new ActionRefusal("Unable to recover signer.");
    const signer = context.addresses.signer(address, nowMs);
    if (signer === undefined || signer.isAgent) throw mustDeposit(address);
    return signer;
  }
  const hash = actionHash(action, request);
  let stranger: string | undefined;
  for (const source of ["a", "b"] as const) {
    const address = recoverAddress(agentDigest(hash, source), signature);
    const signer = address === undefined ? undefined : context.addresses.signer(address, nowMs);
    if (signer !== undefined) return signer;
    stranger ??= address;
  }
  throw stranger === undefined ? new ActionRefusal("Unable to recover signer.") : noSuchWallet(stranger);
}

/** The account that is traded: the signer's own, or one of his sub-accounts. */
function accountOf(context: HyperliquidContext, { vaultAddress }: ExchangeRequest, signer: Signer): string {
  const { addresses } = context;
  const { master, only } = signer;
  const accountId = vaultAddress == null ? master : addresses.accountOf(vaultAddress);
  if (accountId === master && only === undefined) return master;
  if (accountId === master) throw noSuchWallet(signer.address);
  const role = vaultAddress == null ? undefined : addresses.roleOf(vaultAddress);
  const isOwn = role?.role === "subAccount" && role.master === addresses.addressOf(master);
  if (accountId === undefined || !isOwn || (only !== undefined && only !== accountId)) {
    throw new ActionRefusal(`Vault not registered: ${vaultAddress}`);
  }
  return accountId;
}

async function perform(context: HyperliquidContext, request: ExchangeRequest, signer: Signer): Promise<WireObject> {
  const { action } = request;
  const accountId = accountOf(context, request, signer);
  switch (action.type) {
    case "order":
      return placeOrders(context, accountId, action);
    case "cancel":
    case "cancelByCloid":
      return cancelOrders(context, accountId, action);
    case "modify":
      return modifyOrder(context, accountId, action);
    case "batchModify":
      return modifyOrders(context, accountId, action);
    case "twapOrder":
    case "twapCancel":
      return { type: action.type, data: { status: { error: "TWAP orders are not available here." } } };
    default:
      performSetting(context, accountId, signer, action);
      return DONE;
  }
}

function performSetting(context: HyperliquidContext, accountId: string, signer: Signer, action: Action): void {
  switch (action.type) {
    case "updateLeverage":
      updateLeverage(context, accountId, action);
      return;
    case "updateIsolatedMargin":
      updateIsolatedMargin(context, accountId, action);
      return;
    case "scheduleCancel":
      scheduleCancel(context, accountId, action);
      return;
    case "approveAgent":
      approveAgent(context, signer.master, action);
      return;
    case "usdClassTransfer":
      transferClass(context, signer.master, action);
      return;
    case "usdSend":
      sendUsd(context, signer.master, action);
      return;
    case "subAccountTransfer":
      if (signer.isAgent) throw mustDeposit(signer.address);
      transferToSubAccount(context, signer.master, action);
      return;
    case "withdraw3":
      withdraw(context, signer.master, action);
      return;
    case "topUpIsolatedOnlyMargin":
    case "reserveRequestWeight":
      throw new ActionRefusal(`${action.type} is not available here.`);
    default:
      // A referrer and a builder's fee change nothing here, and `noop` is there to use its nonce up.
      return;
  }
}
