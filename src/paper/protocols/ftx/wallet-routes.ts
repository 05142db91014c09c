import type { AccountView } from "../../engine/types.ts";
import { type ApiKey, engineAccountId } from "../accounts.ts";
import { balanceObjects } from "./account-objects.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { ApiError, badRequest, invalidParameter, notFound, refusal } from "./errors.ts";
import { newestRows, ROWS, readPage } from "./pagination.ts";
import { isoText, type WireObject, type WireValue } from "./wire.ts";

const COIN = "USD";
const MAIN = "main";

/** Money and sub-accounts: what the venue has of them, and FTX's refusal of the rest. */
export const walletRoutes: readonly Route[] = [
  privateRoute("GET", /^\/wallet\/all_balances$/, allBalances),
  privateRoute("GET", /^\/wallet\/deposits$/, (call) => transfers(call, (change) => change > 0n)),
  privateRoute("GET", /^\/wallet\/withdrawals$/, (call) => transfers(call, (change) => change < 0n)),
  privateRoute("GET", /^\/wallet\/airdrops$/, () => []),
  privateRoute("GET", /^\/wallet\/saved_addresses$/, () => []),
  privateRoute("GET", /^\/wallet\/deposit_address\/([^/]+)$/, ({ path: [coin = ""] }) => {
    throw coin === COIN ? badRequest("Deposits are not available for this coin") : noSuchCoin(coin);
  }),
  privateRoute("POST", /^\/wallet\/withdrawals$/, () => {
    throw new ApiError(403, "Not allowed with withdrawal-disabled permissions");
  }),
  privateRoute("GET", /^\/subaccounts$/, subaccounts),
  privateRoute("GET", /^\/subaccounts\/([^/]+)\/balances$/, subaccountBalances),
  privateRoute("POST", /^\/subaccounts\/transfer$/, transfer),
];

const noSuchCoin = (coin: string): ApiError => notFound(`No such coin: ${coin}`);

function keyOf({ context, login }: PrivateCall): ApiKey {
  const key = context.accounts.key(login.apiKey);
  if (key === undefined) throw new ApiError(401, "Not logged in");
  return key;
}

/** Sub-accounts belong to the key of the main account. */
function requireWholeKey(call: PrivateCall): ApiKey {
  const key = keyOf(call);
  if (key.onlySubaccount !== undefined) throw new ApiError(403, "Not authorized for subaccount-specific access");
  return key;
}

function accountOf(call: PrivateCall, nickname: string): AccountView {
  const { username, subaccounts: names } = requireWholeKey(call);
  const subaccount = nickname === MAIN ? undefined : nickname;
  if (subaccount !== undefined && !names.includes(subaccount)) throw badRequest("No such subaccount");
  const account = call.context.engine.account(engineAccountId(username, subaccount));
  if (account === undefined) throw badRequest("No such subaccount");
  return account;
}

function allBalances(call: PrivateCall): WireValue {
  const names = [MAIN, ...requireWholeKey(call).subaccounts];
  return Object.fromEntries(names.map((name) => [name, balanceObjects(accountOf(call, name))]));
}

function subaccounts(call: PrivateCall): WireValue {
  return requireWholeKey(call).subaccounts.map((nickname) => ({
    nickname,
    deletable: false,
    editable: false,
    competition: false,
    special: false,
  }));
}

function subaccountBalances(call: PrivateCall): WireValue {
  const [nickname = ""] = call.path;
  return balanceObjects(accountOf(call, nickname));
}

function transfer(call: PrivateCall): WireValue {
  const { context, parameters } = call;
  const coin = parameters.requiredText("coin");
  if (coin !== COIN) throw noSuchCoin(coin);
  const amount = parameters.requiredAmount("size");
  if (amount <= 0n) throw invalidParameter("size");
  const [source, destination] = [parameters.text("source") ?? MAIN, parameters.text("destination") ?? MAIN];
  const from = accountOf(call, source);
  const to = accountOf(call, destination);
  if (from.accountId === to.accountId) throw badRequest("Source and destination are the same");
  const withdrawal = { type: "withdraw", accountId: from.accountId, amount } as const;
  const refused = context.execute(withdrawal).find((event) => event.type === "refused");
  if (refused !== undefined) {
    throw refused.code === "insufficientMargin" ? badRequest("Not enough balances") : refusal(refused.code);
  }
  context.execute({ type: "deposit", accountId: to.accountId, amount });
  return {
    id: context.firstId + context.transfers.nextTransferId(),
    coin,
    size: amount,
    time: isoText(context.now()),
    // Notes as in the answer that ccxt quotes; ccxt reads the two accounts in it and throws where they are absent.
    notes: `Transfer from ${noted(source)} to ${noted(destination)}`,
    status: "complete",
  };
}

const noted = (nickname: string): string => (nickname === MAIN ? "main account" : nickname);

function transfers(call: PrivateCall, isWanted: (change: bigint) => boolean): WireValue {
  const { context, login, parameters } = call;
  const page = newestRows(
    context.transfers.of(login.accountId),
    ({ timeMs }) => timeMs,
    readPage(parameters, ROWS),
    ({ change }) => isWanted(change),
  );
  return page.rows.map(({ id, change, timeMs }): WireObject => {
    const time = isoText(timeMs);
    const size = change < 0n ? -change : change;
    const rest =
      change < 0n ? { address: null, tag: null } : { confirmations: null, confirmedTime: time, sentTime: time };
    return {
      id: context.firstId + id,
      coin: COIN,
      size,
      time,
      status: change < 0n ? "complete" : "confirmed",
      txid: null,
      fee: 0n,
      notes: "",
      ...rest,
    };
  });
}
