import { type Credentials, PASSPHRASE, requiredCredential } from "../../../../../src/net/auth.ts";

export function passphraseOf(credentials: Credentials) {
  // <passphrase>
  const passphrase = requiredCredential(credentials, PASSPHRASE);
  // </passphrase>
  const header = {
    // <passphrase-header>
    // CHECK: the name of the header.
    "ACME-PASSPHRASE": passphrase,
    // </passphrase-header>
  };
  const login = {
    // <login-passphrase>
    passphrase,
    // </login-passphrase>
  };
  return { header, login };
}
