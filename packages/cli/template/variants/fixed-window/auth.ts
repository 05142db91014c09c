import { RECEIVE_WINDOW_MS } from "../receive-window/constants.ts";

export function windowOf(): number {
  // <window>
  // The clock is this machine's own: nothing tells by how much it may be wrong.
  const windowMs = RECEIVE_WINDOW_MS;
  // </window>
  return windowMs;
}
