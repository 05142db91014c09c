import { AuthError } from "../../../../../src/model/error.ts";

export const rows = [
  // <clock>
  // The clock cannot be read from this venue, so a wrong timestamp is the user's to mend, not ours to retry.
  { codes: ["1001"], type: AuthError, hint: "set the clock of this machine" },
  // </clock>
];
