import type { Credentials } from "../../../../../src/net/auth.ts";

export function subAccountOf(credentials: Credentials) {
  // <sub-account>
  const { subAccount = "" } = credentials;
  // </sub-account>
  return {
    // <sub-account-header>
    // CHECK: the name of the header.
    ...(subAccount === "" ? {} : { "ACME-SUBACCOUNT": encodeURIComponent(subAccount) }),
    // </sub-account-header>
  };
}
