import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import type { ConnectorEventName, ConnectorEvents } from "../../model/event.ts";
import type { Logger } from "../../runtime/logger.ts";

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps every line. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];

  debug(message: string, fields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }
  info(message: string, fields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }
  warn(message: string, fields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }
  error(message: string, fields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  at(...levels: readonly LogLine["level"][]): LogLine[] {
    return this.lines.filter((line) => levels.includes(line.level));
  }

  get text(): string {
    return this.lines.map((line) => `${line.level} ${line.message} ${JSON.stringify(line.fields)}`).join("\n");
  }
}

export type RecordedEvent = {
  [Name in ConnectorEventName]: { readonly name: Name; readonly event: ConnectorEvents[Name] };
}[ConnectorEventName];

const EVENT_NAMES: readonly ConnectorEventName[] = [
  "orderCreated",
  "orderFilled",
  "orderAmended",
  "orderAmendFailed",
  "orderCompleted",
  "orderCanceled",
  "orderExpired",
  "orderFailed",
  "orderUnknown",
  "orderLost",
  "externalOrder",
  "externalOrderGone",
  "positionAdjustment",
  "position",
  "balance",
  "fundingPayment",
  "fundingPaymentCorrected",
  "fundingInfo",
  "trade",
  "leverageChanged",
  "positionModeChanged",
  "positionModeChangeFailed",
  "unreadableRow",
  "marketUnavailable",
  "bookInvalid",
  "bookHealed",
  "channelRefused",
  "channelSilent",
  "channelRestored",
  "gap",
  "ready",
  "notReady",
  "error",
];

/** Keeps every event of a connector. */
export function recordEvents(connector: PerpetualConnector): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const name of EVENT_NAMES) connector.on(name, (event) => events.push({ name, event } as RecordedEvent));
  return events;
}
