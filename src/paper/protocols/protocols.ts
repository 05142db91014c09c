import { ConfigError } from "../../model/error.ts";
import { parseAmount } from "../engine/amount.ts";
import type { EngineConfig, MarketSpec } from "../engine/types.ts";
import { BinanceServer } from "./binance/server.ts";
import { BybitServer } from "./bybit/server.ts";
import { FtxServer } from "./ftx/server.ts";
import { GateServer } from "./gate-io/server.ts";
import { HyperliquidServer } from "./hyperliquid/server.ts";
import { HYPERLIQUID_MARKETS } from "./hyperliquid/universe.ts";
import { OkxServer } from "./okx/server.ts";
import type { PaperProtocolFactory } from "./paper-protocol.ts";
import { type AnyProtocolName, PROTOCOL_NAMES, type ProtocolName } from "./protocol-names.ts";

/** A wire protocol that the paper venue can speak. */
export interface ProtocolEntry {
  readonly create: PaperProtocolFactory;
  /** Settings of the engine where this is the venue's first protocol. */
  readonly engine: Pick<EngineConfig, "makerFee" | "takerFee" | "fundingDivisor">;
  /** Time until when a client id is taken. */
  readonly clientIdsTaken: "ever" | "whileOpen" | "never";
  /** True where the smallest order is one step: then no fill leaves a position that is too small to be closed. */
  readonly stepIsSmallestOrder: boolean;
  /** Markets of the box where it speaks this protocol alone; the box's usual markets where absent. */
  readonly markets?: readonly MarketSpec[];
}

/** A wire protocol with its name, such as one from outside of the package. */
export interface ProtocolDefinition extends ProtocolEntry {
  readonly name: AnyProtocolName;
}

const PAPER_PROTOCOLS: Readonly<Record<ProtocolName, ProtocolEntry>> = {
  ftx: {
    create: (ports) => new FtxServer(ports),
    /** Fees of FTX's first tier; its funding was hourly. */
    engine: { makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.0007"), fundingDivisor: 24n },
    clientIdsTaken: "ever",
    stepIsSmallestOrder: false,
  },
  bybit: {
    create: (ports) => new BybitServer(ports),
    /**
     * Fees of a user without a VIP level; an hourly rate is an eighth of the premium, that of eight hours all of it.
     */
    engine: { makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.00055"), fundingDivisor: 8n },
    clientIdsTaken: "ever",
    stepIsSmallestOrder: true,
  },
  binance: {
    create: (ports) => new BinanceServer(ports),
    /** Fees of the lowest tier; a rate is the premium averaged over the eight hours that it holds for. */
    engine: { makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.0005"), fundingDivisor: 1n },
    clientIdsTaken: "whileOpen",
    stepIsSmallestOrder: true,
  },
  okx: {
    create: (ports) => new OkxServer(ports),
    /** Fees of a regular user of level 1; a rate is the premium averaged over the interval that it holds for. */
    engine: { makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.0005"), fundingDivisor: 1n },
    clientIdsTaken: "ever",
    stepIsSmallestOrder: true,
  },
  gate_io: {
    create: (ports) => new GateServer(ports),
    /** Fees of a user without a VIP level; a rate is the premium averaged over the interval that it holds for. */
    engine: { makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.0005"), fundingDivisor: 1n },
    clientIdsTaken: "never",
    stepIsSmallestOrder: true,
  },
  hyperliquid: {
    create: (ports) => new HyperliquidServer(ports),
    /** Fees of the lowest tier; a rate is an eighth of the premium, which holds for eight hours. */
    engine: { makerFee: parseAmount("0.00015"), takerFee: parseAmount("0.00045"), fundingDivisor: 8n },
    clientIdsTaken: "whileOpen",
    stepIsSmallestOrder: true,
    markets: HYPERLIQUID_MARKETS,
  },
};

type Definitions = readonly [ProtocolDefinition, ...ProtocolDefinition[]];

/** Finds the protocols that `PaperVenueOptions.api` names; the first is the venue's default. Throws `ConfigError` for other text. */
export function protocolEntries(api: ProtocolName | "all" | ProtocolDefinition): Definitions {
  if (typeof api === "object") return [api];
  const [first, ...others] = PROTOCOL_ROWS.filter(({ name }) => api === "all" || name === api);
  if (first === undefined) {
    throw new ConfigError(`there is no API "${api}"`, { hint: `known are ${PROTOCOL_NAMES.join(", ")} and all` });
  }
  return [first, ...others];
}

export { PROTOCOL_NAMES, type ProtocolName };

/** Protocols in the order in which they are asked if a request is theirs. */
const PROTOCOL_ROWS: readonly ProtocolDefinition[] = PROTOCOL_NAMES.map((name) => ({ name, ...PAPER_PROTOCOLS[name] }));
