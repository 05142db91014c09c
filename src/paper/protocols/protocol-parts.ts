import type { Command, EngineEvent } from "../engine/types.ts";
import type { ProtocolPorts } from "./paper-protocol.ts";

/** Parts that the context of each protocol begins with. */
export interface ProtocolParts
  extends Pick<
    ProtocolPorts,
    "engine" | "faults" | "config" | "accounts" | "statistics" | "now" | "apply" | "publish"
  > {
  hasAccount(accountId: string): boolean;
  /** Executes at once and tells every client. */
  execute(command: Command): readonly EngineEvent[];
}

export function protocolParts(ports: ProtocolPorts): ProtocolParts {
  const { engine, faults, config, accounts, statistics, now, apply, publish } = ports;
  return {
    ...{ engine, faults, config, accounts, statistics, now, apply, publish },
    hasAccount: (accountId) => accounts.has(accountId),
    execute: (command) => {
      const events = apply(command);
      publish(events);
      return events;
    },
  };
}
