// <receive-window>
/** How long a signed request is valid. CHECK: its default and its limit. */
export const RECEIVE_WINDOW_MS = 5_000;
// </receive-window>
