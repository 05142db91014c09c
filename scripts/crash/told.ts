import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { FundingPayment } from "../../src/model/funding.ts";
import { type LedgerFill, ToldLedger } from "../../src/simulation/ledger.ts";

/** Listens as long as the connector lives; what was told is in the file when the listener returns. */
export function writeTold(connector: PerpetualConnector, token: string, folder: string, life: number): ToldLedger {
  const ledger = new ToldLedger(connector, token);
  const file = join(folder, `${life}.ndjson`);
  const write = (kind: string, fact: object | undefined) => appendFileSync(file, `${JSON.stringify({ kind, fact })}\n`);
  connector.on("orderFilled", () => write("fill", ledger.fills.at(-1)));
  connector.on("fundingPayment", () => write("payment", ledger.fundingPayments.at(-1)));
  return ledger;
}

/** What every process told, oldest first. The last line of one that was killed may be cut: it is told again. */
export function readTold(folder: string): readonly Pick<ToldLedger, "fills" | "fundingPayments">[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return files.map((name) => {
    const fills: LedgerFill[] = [];
    const fundingPayments: FundingPayment[] = [];
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      if (!line.endsWith("}")) continue;
      const { kind, fact } = JSON.parse(line);
      if (kind === "fill") {
        const [price, amount, fee] = [decimal(fact.price), decimal(fact.amount), decimal(fact.fee)];
        fills.push({ ...fact, price, amount, fee });
      } else {
        const rate = fact.rate === undefined ? undefined : decimal(fact.rate);
        fundingPayments.push({ ...fact, amount: decimal(fact.amount), rate });
      }
    }
    return { fills, fundingPayments };
  });
}
