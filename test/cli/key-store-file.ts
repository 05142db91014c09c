import { type StoredKeys, sealKeys } from "../../packages/cli/src/key-store.ts";

export const PASSWORD = "correct horse";

/** The text of a store as `perpwire connect` leaves it, only faster to open. */
export function storeText(keys: StoredKeys): string {
  const randomHex = (length: number) => "5".repeat(length);
  return sealKeys(keys, PASSWORD, { randomHex, cost: { N: 2 ** 14, r: 8, p: 1 } });
}
