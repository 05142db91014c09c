import type { HttpResponse } from "./runtime.ts";

export interface SimulatedHttpRequest {
  /** The name under which the asking host's runtime was made. */
  readonly clientHost: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Fault of one request; times in milliseconds. The client's failure is a `TransportError` with the `code` and
 * `bytesMayHaveLeft` named here.
 *
 * Nothing reaches the server:
 * - `refuse`: no connection is taken. `TRANSPORT_REFUSED`, no byte left.
 * - `unresolved`: the name of the host is not found. `TRANSPORT_CONNECT`, no byte left.
 * - `staleKeepAlive`: written into an idle connection that the server had closed meanwhile. `TRANSPORT_RESET`, bytes
 *   may have left.
 * - `dropRequest`: lost on its way, on a connection that stays half open. `TRANSPORT_TIMEOUT`, bytes may have left.
 * - `respond`: a middleman answers instead of the server.
 *
 * The server acts, and the client cannot know (bytes may have left):
 * - `dropResponse`: `TRANSPORT_RESET` before any byte of the answer.
 * - `resetInBody`: head and part of the body come, then a reset. `TRANSPORT_RESET`.
 * - `slow`: the body comes byte by byte and is not complete in time. `TRANSPORT_TIMEOUT`.
 *
 * Only later:
 * - `delay`: the request arrives `ms` later, perhaps after the client's timeout.
 * - `delayResponse`: the server acts at once and its answer arrives `ms` later, perhaps after that of a later request.
 *
 * A connection that is half open for a host, whatever is asked, is `network.partition(host)`.
 */
export type HttpFault =
  | {
      readonly kind:
        | "refuse"
        | "unresolved"
        | "staleKeepAlive"
        | "dropRequest"
        | "dropResponse"
        | "resetInBody"
        | "slow";
    }
  | { readonly kind: "delay" | "delayResponse"; readonly ms: number }
  | { readonly kind: "respond"; readonly response: HttpResponse };

export type FrameDirection = "toServer" | "toClient";

/** `hold`: until `releaseHeld()`. A delayed or held frame is overtaken by those that follow it. */
export type FrameFault = "drop" | "repeat" | "hold" | { readonly delayMs: number };

/**
 * `refuse`: `TRANSPORT_REFUSED`. `unresolved`: the name of the host is not found, `TRANSPORT_CONNECT`. `hang`: no answer
 * to the handshake, `TRANSPORT_TIMEOUT`.
 */
export type ConnectFault = "refuse" | "unresolved" | "hang";

export interface SimulatedConnectionInfo {
  readonly clientHost: string;
  readonly url: string;
  /** Counts the connections of the world from 1. */
  readonly number: number;
}

/** Faults for each request, WebSocket and message; `undefined` lets it pass. */
export interface NetworkFaults {
  onHttpRequest?: ((request: SimulatedHttpRequest) => HttpFault | undefined) | undefined;
  onConnect?: ((connection: SimulatedConnectionInfo) => ConnectFault | undefined) | undefined;
  onFrame?:
    | ((direction: FrameDirection, text: string, connection: SimulatedConnectionInfo) => FrameFault | undefined)
    | undefined;
}
