import { keepWhere } from "../engine/retention.ts";
import type { EngineEvent, FillView, FundingPaymentView } from "../engine/types.ts";

export type Execution =
  | { readonly kind: "fill"; readonly fill: FillView; readonly leaves: bigint; readonly timeMs: number }
  | { readonly kind: "funding"; readonly payment: FundingPaymentView; readonly timeMs: number };

/** A posting to the account's cash. */
export type LogEntry =
  | { readonly kind: "trade"; readonly fill: FillView; readonly cash: bigint; readonly timeMs: number }
  | { readonly kind: "settlement"; readonly payment: FundingPaymentView; readonly timeMs: number }
  | { readonly kind: "transfer"; readonly change: bigint; readonly cash: bigint; readonly timeMs: number };

interface AccountRecord {
  readonly executions: Execution[];
  readonly log: LogEntry[];
  /** Remaining size of each order, for the rows of its executions. */
  readonly leaves: Map<number, bigint>;
  cash: bigint;
}

/** Ledger of each account, oldest first: executions (fills and funding) and postings to its cash. */
export class AccountLedger {
  readonly #accounts = new Map<string, AccountRecord>();
  readonly #has: (accountId: string) => boolean;
  readonly #now: () => number;

  constructor(has: (accountId: string) => boolean, now: () => number) {
    this.#has = has;
    this.#now = now;
  }

  executions(accountId: string): readonly Execution[] {
    return this.#account(accountId).executions;
  }

  log(accountId: string): readonly LogEntry[] {
    return this.#account(accountId).log;
  }

  /** Returns the new executions, by account. */
  record(events: readonly EngineEvent[]): ReadonlyMap<string, readonly Execution[]> {
    const fresh = new Map<string, Execution[]>();
    const add = (accountId: string, execution: Execution) => {
      this.#account(accountId).executions.push(execution);
      const executions = fresh.get(accountId);
      if (executions === undefined) fresh.set(accountId, [execution]);
      else executions.push(execution);
    };
    const cash = new Map<string, bigint>();
    for (const event of events) {
      if (event.type === "orderAccepted" || event.type === "orderAmended") this.#open(event.order);
      else if (event.type === "ordersForgotten") this.#forget(event.accountId, event.orderIds);
      else if (event.type === "fill" && this.#has(event.fill.accountId))
        add(event.fill.accountId, this.#fill(event.fill));
      else if (event.type === "fundingPaid" && this.#has(event.payment.accountId)) {
        add(event.payment.accountId, this.#funding(event.payment));
      } else if (event.type === "cashChanged" && this.#has(event.accountId)) {
        if (event.reason === "deposit" || event.reason === "insurance") this.#transfer(event);
        cash.set(event.accountId, event.cash);
      }
    }
    for (const [accountId, last] of cash) this.#account(accountId).cash = last;
    return fresh;
  }

  #open({ accountId, orderId, size, filled }: Extract<EngineEvent, { type: "orderAccepted" }>["order"]): void {
    if (this.#has(accountId)) this.#account(accountId).leaves.set(orderId, size - filled);
  }

  #fill(fill: FillView): Execution {
    const account = this.#account(fill.accountId);
    const leaves = (account.leaves.get(fill.orderId) ?? fill.size) - fill.size;
    account.leaves.set(fill.orderId, leaves);
    account.cash += fill.realized - fill.fee;
    const { timeMs } = fill;
    account.log.push({ kind: "trade", fill, cash: account.cash, timeMs });
    return { kind: "fill", fill, leaves, timeMs };
  }

  #funding(payment: FundingPaymentView): Execution {
    const account = this.#account(payment.accountId);
    account.cash = payment.cash;
    account.log.push({ kind: "settlement", payment, timeMs: payment.timeMs });
    return { kind: "funding", payment, timeMs: payment.timeMs };
  }

  #forget(accountId: string, orderIds: ReadonlySet<number>): void {
    const { executions, log, leaves } = this.#account(accountId);
    for (const orderId of orderIds) leaves.delete(orderId);
    keepWhere(executions, (execution) => execution.kind !== "fill" || !orderIds.has(execution.fill.orderId));
    keepWhere(log, (entry) => entry.kind !== "trade" || !orderIds.has(entry.fill.orderId));
  }

  #transfer({ accountId, change, cash }: Extract<EngineEvent, { type: "cashChanged" }>): void {
    this.#account(accountId).log.push({ kind: "transfer", change, cash, timeMs: this.#now() });
  }

  #account(accountId: string): AccountRecord {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = { executions: [], log: [], leaves: new Map(), cash: 0n };
      this.#accounts.set(accountId, account);
    }
    return account;
  }
}
