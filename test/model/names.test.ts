import { expect, it } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import { assertKnownName, nearestName } from "../../src/model/names.ts";

const NAMES = ["orderFilled", "orderFailed", "fundingPayment", "restUrl"];

it("a mistyped name is refused with the nearest right one", () => {
  expect(nearestName("orderfiled", NAMES)).toBe("orderFilled");
  expect(nearestName("resturl", NAMES)).toBe("restUrl");
  expect(nearestName("candles", NAMES)).toBeUndefined();
  expect(() => assertKnownName("fundingPayments", NAMES, "event")).toThrow(ConfigError);
  expect(() => assertKnownName("candles", NAMES, "event")).toThrow('there is no event "candles"');
  expect(() => assertKnownName("restUrl", NAMES, "option")).not.toThrow();
});
