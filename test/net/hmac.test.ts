import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hmac } from "../../src/net/hmac.ts";

test("a text is signed as OpenSSL signs it, with a secret of any length and by several accounts in turn", () => {
  const secret = fc.string({ unit: "grapheme", maxLength: 200 });
  const long = fc
    .tuple(fc.constantFrom("a", "é", "€", "𝒳"), fc.integer({ min: 1_000, max: 2_100 }))
    .map(([unit, times]) => unit.repeat(times));
  fc.assert(
    fc.property(
      fc.constantFrom("sha256", "sha512"),
      fc.constantFrom("hex", "base64"),
      fc.uniqueArray(secret, { maxLength: 20 }),
      fc.array(fc.oneof(fc.string({ unit: "grapheme", maxLength: 300 }), long), { maxLength: 5 }),
      (algorithm, encoding, secrets, texts) => {
        for (const text of texts)
          for (const each of secrets)
            expect(hmac(algorithm, each, text, encoding)).toBe(
              createHmac(algorithm, each).update(text).digest(encoding),
            );
      },
    ),
  );
});
