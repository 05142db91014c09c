import type { VenueUserStreamDataSource } from "../../../../../src/account/venue-user-stream-data-source.ts";

export const access: Pick<VenueUserStreamDataSource, "loginIsAcknowledged"> = {
  // <login-acknowledged>
  // There is no login: every subscription is signed, and answered, by itself. CHECK: how a wrong signature is refused.
  loginIsAcknowledged: false,
  // </login-acknowledged>
};

export function kindOf(): void {
  // <login-kind>
  // </login-kind>
}
