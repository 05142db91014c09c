import { expect, test } from "vitest";
import { kindOfRoute, RouteTable } from "../../../src/paper/protocols/route-table.ts";

const table = new RouteTable([
  { method: "GET", path: "/orders" },
  { method: "GET", path: "/orders/{}" },
  { method: "POST", path: "/positions/{}/leverage" },
]);

test("a route is found with the name in its path, decoded where it can be", () => {
  expect(table.find("GET", "/orders")).toEqual({ route: { method: "GET", path: "/orders" }, name: "" });
  expect(table.find("GET", "/orders/a%20b")?.name).toBe("a b");
  expect(table.find("GET", "/orders/%zz")?.name).toBe("%zz");
  expect(table.find("POST", "/positions/BTC/leverage")?.name).toBe("BTC");
});

test("a path of another method is known, though it has no route", () => {
  expect(table.find("DELETE", "/orders")).toBeUndefined();
  expect(table.hasPath("/orders")).toBe(true);
  expect(table.hasPath("/balances")).toBe(false);
});

test("faults are told what a request is by its method, its route and its path", () => {
  const isBook = (path: string) => path === "/book";
  const kind = (method: string, target: string, isOfAccount: boolean) =>
    kindOfRoute({ method, target }, isOfAccount, isBook);
  expect(kind("get", "/book?depth=5", false)).toBe("snapshot");
  expect(kind("get", "/time", false)).toBe("public");
  expect(kind("get", "/orders", true)).toBe("private");
  expect(kind("post", "/orders", true)).toBe("change");
});
