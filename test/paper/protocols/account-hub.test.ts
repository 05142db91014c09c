import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../src/paper/engine/types.ts";
import { AccountHub, eventsByAccount } from "../../../src/paper/protocols/account-hub.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";

const ORDERS = { key: "orders" };
const FILLS = { key: "fills" };

describe("the listeners to an account", () => {
  const timers = () => new SimulatedWorld({ seed: 1 }).runtime().timers;
  const namesOf = (hub: AccountHub<{ key: string }, string>, accountId: string) =>
    hub.of(accountId).map(({ connection, topic }) => `${connection} ${topic.key}`);

  it("hear of their own account alone, in the order in which they came", () => {
    const hub = new AccountHub<{ key: string }, string>(timers());
    hub.add("phone", ORDERS, "ann");
    hub.add("laptop", ORDERS, "bob");
    hub.add("tablet", FILLS, "ann");
    expect(namesOf(hub, "ann")).toEqual(["phone orders", "tablet fills"]);
    expect(namesOf(hub, "bob")).toEqual(["laptop orders"]);
    expect(namesOf(hub, "eve")).toEqual([]);
  });

  it("listen to a topic once, however often a connection asks", () => {
    const hub = new AccountHub<{ key: string }, string>(timers());
    hub.add("phone", ORDERS, "ann");
    hub.add("phone", ORDERS, "ann");
    expect(namesOf(hub, "ann")).toEqual(["phone orders"]);
  });

  it("leave one topic, or all with their connection", () => {
    const hub = new AccountHub<{ key: string }, string>(timers());
    hub.add("phone", ORDERS, "ann");
    hub.add("phone", FILLS, "ann");
    hub.add("tablet", FILLS, "ann");
    hub.remove("phone", FILLS.key);
    expect(namesOf(hub, "ann")).toEqual(["phone orders", "tablet fills"]);
    hub.remove("phone");
    expect(namesOf(hub, "ann")).toEqual(["tablet fills"]);
    hub.remove("tablet");
    expect(hub.isEmpty).toBe(true);
  });
});

describe("the events of one command", () => {
  const cash = (accountId: string, change: bigint): EngineEvent => ({
    ...{ type: "cashChanged", accountId, cash: change, change, reason: "deposit" },
  });
  const forgotten: EngineEvent = { type: "ordersForgotten", accountId: "ann", orderIds: new Set([1]) };
  const mark: EngineEvent = { type: "markChanged", market: "BTC-USD", mark: 1n, index: 1n };

  it("are told to those whom they are about, in their order", () => {
    const events = [cash("ann", 1n), mark, cash("bob", 2n), cash("ann", 3n)];
    const byAccount = eventsByAccount(events, () => true);
    expect([...byAccount]).toEqual([
      ["ann", [events[0], events[3]]],
      ["bob", [events[2]]],
    ]);
  });

  it("are not told to accounts of other clients, nor where there is nothing to tell", () => {
    expect(eventsByAccount([cash("market maker", 1n), forgotten, mark], (id) => id === "ann").size).toBe(0);
  });
});
