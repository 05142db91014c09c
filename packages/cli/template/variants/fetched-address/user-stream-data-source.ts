import type { VenueUserStreamDataSource } from "../../../../../src/account/venue-user-stream-data-source.ts";

export const access: Pick<VenueUserStreamDataSource, "loginIsAcknowledged"> = {
  // <login-acknowledged>
  // There is no login: the URL holds a token.
  loginIsAcknowledged: false,
  // </login-acknowledged>
};

export function kindOf(): void {
  // <login-kind>
  // </login-kind>
}
