import { describe, expect, it } from "vitest";
import type { AccountUpdate } from "../../src/model/account-update.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { derivative as binance } from "../../src/venues/binance/derivative.ts";
import { derivative as bybit } from "../../src/venues/bybit/derivative.ts";
import { derivative as ftx } from "../../src/venues/ftx/derivative.ts";
import { derivative as okx } from "../../src/venues/okx/derivative.ts";
import { userStreamDataSource as okxStream } from "../../src/venues/okx/user-stream-data-source.ts";

const NOW = 1_790_000_000_000;
const SESSION = createVenueMarkets("any", "any", []);

/** Answers by the end of the path asked for. */
function contextOf(answers: Readonly<Record<string, unknown>>): VenueContext {
  const send = async ({ path }: { readonly path: string }) =>
    Object.entries(answers).find(([end]) => path.endsWith(end))?.[1];
  return { api: { send }, markets: SESSION, now: () => NOW } as unknown as VenueContext;
}

const told = (updates: readonly AccountUpdate[]) =>
  Object.fromEntries(
    updates.flatMap((update) =>
      update.type === "balance"
        ? [
            [
              update.asset,
              update.isAvailableUnknown === true ? "unknown" : [update.total?.toFixed(), update.available?.toFixed()],
            ],
          ]
        : [],
    ),
  );

describe("Binance", () => {
  const row = (asset: string, wallet: string, free: string) => ({
    asset,
    walletBalance: wallet,
    availableBalance: free,
  });
  const balances = async (availableBalance: string, ...assets: object[]) =>
    told(
      await binance.fetchBalances(
        contextOf({ "/account": { totalMarginBalance: "1", totalMaintMargin: "0", availableBalance, assets } }),
      ),
    );

  it("in single-asset mode has each asset's own", async () => {
    expect(await balances("80", row("USDT", "100", "80"), row("USDC", "50", "40"))).toMatchObject({
      USDT: ["100", "80"],
      USDC: ["50", "40"],
    });
    expect(await balances("0", row("USDC", "50", "40"))).not.toMatchObject({ USDC: ["50", "0"] });
  });

  it("in multi-assets and in credits mode has what all assets carry together, whichever holds it", async () => {
    for (const held of [row("BTC", "0.1", "0.095"), row("BNFCR", "5000", "5000")]) {
      expect(await balances("5000", held)).toMatchObject({ USDT: ["0", "5000"], USDC: ["0", "5000"] });
    }
    const both = await balances("5000", row("USDT", "10", "10"), row("BTC", "0.1", "0.095"));
    expect(both).toMatchObject({ USDT: ["10", "5000"], BTC: ["0.1", "0.095"] });
  });

  it("does not guess what an asset that is not held may use where the mode cannot be told", async () => {
    expect(await balances("80", row("USDT", "80", "80"))).toMatchObject({ USDT: ["80", "80"], USDC: "unknown" });
    expect(await balances("0")).toMatchObject({ USDT: ["0", "0"], USDC: ["0", "0"] });
  });
});

describe("Bybit", () => {
  const balances = async (totals: object, ...coin: object[]) =>
    told(
      await bybit.fetchBalances(
        contextOf({ "/wallet-balance": { list: [{ accountType: "UNIFIED", ...totals, coin }], nextPageCursor: "" } }),
      ),
    );
  const cross = { totalMarginBalance: "5000", totalAvailableBalance: "4900", totalMaintenanceMargin: "0" };
  const btc = { coin: "BTC", walletBalance: "0.1", totalPositionIM: "0", totalOrderIM: "0", locked: "0", bonus: "0" };

  it("in cross margin has the account's figure for every settle coin, whichever coin holds it", async () => {
    expect(await balances(cross, btc)).toMatchObject({ BTC: ["0.1", "0.1"], USDT: ["0", "4900"] });
  });

  it("in isolated margin has nothing for a settle coin that is not held", async () => {
    const isolated = { totalMarginBalance: "", totalAvailableBalance: "", totalMaintenanceMargin: "" };
    expect(await balances(isolated, btc)).toMatchObject({ USDT: ["0", "0"], USDC: ["0", "0"] });
  });
});

describe("OKX", () => {
  const coin = (ccy: string, cashBal: string, availEq: string) => ({
    ccy,
    cashBal,
    availEq,
    availBal: "",
    eq: cashBal,
  });
  const account = (figures: object, ...details: object[]) => ({ uTime: `${NOW}`, ...figures, details });
  const balances = async (figures: object, ...details: object[]) =>
    told(await okx.fetchBalances(contextOf({ "/balance": [account(figures, ...details)] })));

  it("in multi-currency margin has the account's figure for USDT, whichever coin holds it", async () => {
    const figures = { adjEq: "5000", imr: "300", mmr: "100" };
    expect(await balances(figures, coin("BTC", "0.1", "0.1"))).toMatchObject({ USDT: ["0", "4700"] });
    const told = { ...figures, availEq: "4600" };
    expect(await balances(told, coin("BTC", "0.1", "0.1"))).toMatchObject({ USDT: ["0", "4600"] });
    expect(await balances(told, coin("USDT", "-5", "0"))).toMatchObject({ USDT: ["-5", "4600"] });
  });

  it("in futures mode has the coin's own, none where the coin is not held", async () => {
    const empty = { adjEq: "", imr: "", mmr: "" };
    expect(await balances(empty, coin("USDT", "100", "80"))).toMatchObject({ USDT: ["100", "80"] });
    expect(await balances(empty, coin("BTC", "0.1", "0.1"))).toMatchObject({ USDT: ["0", "0"] });
  });

  it("tells it with every push, also with one that has another coin alone", () => {
    const frame = {
      arg: { channel: "account" },
      data: [account({ adjEq: "5000", imr: "300", mmr: "1" }, coin("BTC", "0.1", "0.1"))],
    };
    expect(told(okxStream.parseUserStreamMessage(SESSION, frame))).toMatchObject({ USDT: [undefined, "4700"] });
  });
});

describe("FTX", () => {
  it("has the account's free collateral for USD, whichever coin holds it", async () => {
    const account = { collateral: 5000, freeCollateral: 4900, leverage: 10, makerFee: 0, takerFee: 0 };
    const btc = { coin: "BTC", total: 0.1, free: 0.1 };
    const answers = { "/wallet/balances": [btc], "/account": account };
    expect(told(await ftx.fetchBalances(contextOf(answers)))).toMatchObject({
      BTC: ["0.1", "0.1"],
      USD: ["0", "4900"],
    });
  });
});
