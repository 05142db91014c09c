import type { Random } from "../../../src/runtime/runtime.ts";
import { cloidOf, signedAction, signedByUser } from "../hyperliquid-signer.ts";
import { ABSURD } from "./box-values.ts";

export interface MadeUp {
  readonly random: Random;
  readonly ids: readonly unknown[];
  readonly nowMs: number;
  readonly by: Readonly<Record<string, string>>;
}

const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(values.length)] as T;

/** What is taken as it is; the fuzz changes some of it. */
function taken(name: string, { random, ids, nowMs, by }: MadeUp): Record<string, unknown> {
  const time = Math.floor(nowMs);
  const user = by.accountAddress ?? "";
  const id = ids.length === 0 ? 1 : pick(random, ids.slice(-20));
  const oid = typeof id === "string" && /^\d+$/.test(id) ? Number(id) : id;
  const cloid = cloidOf(`id${random.integer(50)}`);
  const px = pick(random, ["20000", "19000", "21000", "20001", "19999.5"]);
  const limit = { limit: { tif: pick(random, ["Gtc", "Ioc", "Alo", "FrontendMarket"]) } };
  const trigger = {
    trigger: {
      isMarket: random.integer(2) === 0,
      triggerPx: pick(random, ["18000", "22000"]),
      tpsl: pick(random, ["tp", "sl"]),
    },
  };
  const order = () => ({
    ...{ a: random.integer(3), b: random.integer(2) === 0, p: px, s: pick(random, ["0.01", "1", "0.5"]) },
    ...{ r: random.integer(4) === 0, t: random.integer(4) === 0 ? trigger : limit },
    ...(random.integer(2) === 0 ? { c: cloid } : {}),
  });
  const coin = pick(random, ["BTC", "ETH", "NOPE"]);
  const chain = { signatureChainId: "0x66eee", hyperliquidChain: "Mainnet" };
  const payment = { destination: user, amount: "12.5", time };
  const actions: Readonly<Record<string, object>> = {
    order: {
      orders: [order(), order()].slice(random.integer(2)),
      grouping: pick(random, ["na", "na", "normalTpsl", "positionTpsl"]),
    },
    cancel: { cancels: [{ a: 0, o: oid }] },
    cancelByCloid: { cancels: [{ asset: 0, cloid }] },
    modify: { oid: random.integer(2) === 0 ? cloid : oid, order: order() },
    batchModify: { modifies: [{ oid, order: order() }] },
    scheduleCancel: { time: time + 60_000 },
    updateLeverage: { asset: random.integer(3), isCross: random.integer(2) === 0, leverage: 1 + random.integer(20) },
    updateIsolatedMargin: { asset: 0, isBuy: true, ntli: 1_000_000 },
    topUpIsolatedOnlyMargin: { asset: 0, leverage: "2" },
    twapOrder: { twap: { a: 0, b: true, s: "1", r: false, m: 30, t: true } },
    twapCancel: { a: 0, t: 1 },
    reserveRequestWeight: { weight: 1 },
    setReferrer: { code: "X" },
    subAccountTransfer: { subAccountUser: user, isDeposit: true, usd: 1_000_000 },
    approveAgent: {
      ...chain,
      agentAddress: `0x${random.hex(40)}`,
      agentName: pick(random, ["", "bot1", "bot2"]),
      nonce: time,
    },
    approveBuilderFee: { ...chain, maxFeeRate: "0.01%", builder: user, nonce: time },
    usdClassTransfer: { ...chain, amount: "10", toPerp: random.integer(2) === 0, nonce: time },
    usdSend: { ...chain, ...payment },
    withdraw3: { ...chain, ...payment },
    noop: {},
    l2Book: { coin, nSigFigs: pick(random, [null, 2, 5]) },
    recentTrades: { coin },
    candleSnapshot: { req: { coin, interval: pick(random, ["1m", "1h", "1d", "1M"]), startTime: time - 3_600_000 } },
    fundingHistory: { coin, startTime: 0 },
    orderStatus: { user, oid: random.integer(2) === 0 ? cloid : oid },
    userFillsByTime: { user, startTime: 0 },
    activeAssetData: { user, coin },
  };
  return { type: name, ...(actions[name] ?? { user }) };
}

/** Changes a value somewhere in it. */
function spoil(value: Record<string, unknown>, random: Random): void {
  const names = Object.keys(value);
  const name = pick(random, names);
  if (name === undefined) return;
  const inner = value[name];
  if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random.integer(4) > 0) {
    spoil(inner as Record<string, unknown>, random);
  } else if (random.integer(4) === 0) delete value[name];
  else value[name] = pick(random, ABSURD);
}

const STRUCTS: Readonly<Record<string, readonly [name: string, ...fields: string[]]>> = {
  approveAgent: ["ApproveAgent", "address agentAddress", "string agentName", "uint64 nonce"],
  approveBuilderFee: ["ApproveBuilderFee", "string maxFeeRate", "address builder", "uint64 nonce"],
  usdClassTransfer: ["UsdClassTransfer", "string amount", "bool toPerp", "uint64 nonce"],
  usdSend: ["UsdSend", "string destination", "string amount", "uint64 time"],
  withdraw3: ["Withdraw", "string destination", "string amount", "uint64 time"],
};

let nonce = 0;

export function hyperliquidBody(method: string, name: string, made: MadeUp): string {
  const { random, by, nowMs } = made;
  const fields = taken(name, made);
  if (random.integer(4) === 0) spoil(fields, random);
  if (method === "GET") return JSON.stringify(fields);
  nonce = Math.max(nonce + 1, Math.floor(nowMs));
  const key = by.privateKey ?? "";
  try {
    const [struct, ...own] = STRUCTS[name] ?? [];
    if (struct === undefined) return JSON.stringify(signedAction(fields, nonce, key));
    const timed = { ...fields, [own.at(-1) === "uint64 time" ? "time" : "nonce"]: nonce };
    return JSON.stringify(signedByUser(timed, struct, ["string hyperliquidChain", ...own], key));
  } catch {
    return JSON.stringify({ action: fields, nonce, signature: { r: "0x1", s: "0x1", v: 27 } });
  }
}
