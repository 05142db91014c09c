import type { FrameSink } from "./frame.ts";
import type { ProtocolFaults, RequestFault, RequestKind } from "./paper-protocol.ts";

/** Close code of RFC 6455 of an endpoint that goes away. */
const GOING_AWAY = 1_001;

export type AnsweredFault = Exclude<RequestFault, "resetBefore" | "resetAfter">;

export interface SocketRequest<T> {
  readonly faults: ProtocolFaults;
  readonly sink: Pick<FrameSink, "close">;
  readonly kind: RequestKind;
  /** Executes the request. */
  answer(): T | Promise<T>;
  /** The fault in the words of the protocol; `hadNoEffect` where the request was not executed. */
  refuse(fault: AnsweredFault, hadNoEffect: boolean): T;
  reply(answer: T): void;
}

/** Answers a request that came over a socket, with the faults that one of REST has: a reset is a closed connection. */
export function passSocketRequest<T>(request: SocketRequest<T>): void | Promise<void> {
  const { faults, sink, kind, reply } = request;
  const fault = faults.requestFault(kind);
  if (fault === "resetBefore") {
    sink.close(GOING_AWAY, "");
    return;
  }
  if (fault === "error429" || fault === "error418" || fault === "error5xxBefore") {
    return reply(request.refuse(fault, true));
  }
  const finish = (answer: T) => {
    if (fault === "resetAfter") sink.close(GOING_AWAY, "");
    else reply(fault === "error5xxAfter" ? request.refuse(fault, false) : answer);
  };
  const answer = request.answer();
  return answer instanceof Promise ? answer.then(finish) : finish(answer);
}
