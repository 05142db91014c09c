const AMENDMENT = /-a\d+$/;

/** The client id of the order that a leg belongs to: FTX's amendments are orders of their own at the venue. */
export function wholeClientId(clientId: string): string {
  return clientId.replace(AMENDMENT, "");
}
