/** Names of the wire protocols, apart from their code: a command's `--help` lists them and loads none. */
export const PROTOCOL_NAMES = ["ftx", "bybit", "binance", "okx", "gate_io", "hyperliquid"] as const;

export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

/** One of them, or the name of a protocol from outside of the package. */
export type AnyProtocolName = ProtocolName | (string & Record<never, never>);
