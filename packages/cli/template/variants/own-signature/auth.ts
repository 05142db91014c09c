// <signature>
/**
 * CHECK: the venue's own signature (a wallet's, Ed25519) of the payload; it may be asynchronous. Until it is written here, requests
 * go out unsigned and the venue refuses them.
 */
export function generateSignature(_secret: string, _payload: string): string {
  return "";
}
// </signature>
