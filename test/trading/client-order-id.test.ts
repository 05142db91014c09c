import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import { ClientOrderIdFactory, type ClientOrderIdForm } from "../../src/trading/client-order-id.ts";

const INSTANCE = "00ff00ff00ff00ff";

function factory(form: ClientOrderIdForm, instanceId = INSTANCE, first = 0) {
  let counter = first;
  return new ClientOrderIdFactory({
    rule: { ...form, isQueryable: true },
    instanceId,
    nextCounter: () => counter++,
  });
}

describe("client order ids", () => {
  test("text ids are compact, carry the prefix and tell instance and counter apart", () => {
    const ids = factory({ kind: "text", maxLength: 36, prefix: "pw" });
    expect([ids.next(), ids.next()]).toEqual(["pw00dz55o6pr0", "pw00dz55o6pr1"]);
  });

  test("instance and counter cannot run into each other: the instance has a fixed width", () => {
    const short = factory({ kind: "text", maxLength: 36, prefix: "" }, "0000000000010000", 35 * 36).next();
    const long = factory({ kind: "text", maxLength: 36, prefix: "" }, "0000000000020000", 0).next();
    expect(short).not.toBe(long);
    expect(short.slice(0, 10)).toBe("0000000001");
  });

  test("an id that the venue would not take is a configuration error, not an order error", () => {
    expect(() => factory({ kind: "text", maxLength: 12, prefix: "perpwire-" }).next()).toThrow(ConfigError);
    expect(() => factory({ kind: "text", maxLength: 36, prefix: "a b", pattern: /^[a-z0-9]+$/ }).next()).toThrow(
      /does not fit the venue's pattern/,
    );
  });

  test("integer ids of 32 bits stay within 1 and 2^32 - 1 and go on from a start of their own", () => {
    const ids = factory({ kind: "integer", bits: 32 }, "00000000fffffffe");
    expect([ids.next(), ids.next(), ids.next()]).toEqual(["4294967295", "1", "2"]);
  });

  test.each([31, 32, 48, 63, 64] as const)(
    "integer ids of %i bits are above 0, have no more, and never repeat",
    (bits) => {
      for (const instance of ["0000000000000000", "ffffffffffffffff", INSTANCE]) {
        const ids = factory({ kind: "integer", bits }, instance);
        const made = Array.from({ length: 50 }, () => ids.next());
        expect(new Set(made).size).toBe(50);
        expect(made.every((id) => BigInt(id) > 0n && BigInt(id) < 1n << BigInt(bits))).toBe(true);
        expect(made.every((id) => ids.isOwn(id))).toBe(bits > 32);
        expect(factory({ kind: "integer", bits }, "0123456789abcdef").isOwn(made[0] ?? "")).toBe(false);
      }
    },
  );

  test("UUIDs have version and variant, tell whose they are, and never repeat", () => {
    const ids = factory({ kind: "uuid" });
    const made = [ids.next(), ids.next()];
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([new Set(made).size, made.every((id) => ids.isOwn(id))]).toEqual([2, true]);
    expect(factory({ kind: "uuid" }, "0123456789abcdef").isOwn(made[0] ?? "")).toBe(false);
  });

  test("hex128 ids are 0x and 32 digits: instance, then counter", () => {
    expect(factory({ kind: "hex128" }, INSTANCE, 255).next()).toBe("0x00ff00ff00ff00ff00000000000000ff");
  });

  test("a venue without client ids still gets local ones", () => {
    const ids = factory({ kind: "none" });
    expect(ids.next()).not.toBe(ids.next());
  });

  test("a broken instance id is refused", () => {
    expect(() => factory({ kind: "none" }, "XYZ")).toThrow(/16 lower-case hexadecimal digits|is not an instance id/);
  });
});
