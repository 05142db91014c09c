import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

const CONTINUITY: Readonly<Record<VenueChoices["continuity"], string>> = {
  "previous-id-stream":
    '{ kind: "sequence", style: "previousId", snapshotSource: "stream", depth: constants.ORDER_BOOK_DEPTH }',
  "previous-id-rest":
    '{ kind: "sequence", style: "previousId", snapshotSource: "rest", depth: constants.ORDER_BOOK_DEPTH }',
  "contiguous-stream":
    '{ kind: "sequence", style: "contiguous", snapshotSource: "stream", depth: constants.ORDER_BOOK_DEPTH }',
  "contiguous-rest":
    '{ kind: "sequence", style: "contiguous", snapshotSource: "rest", depth: constants.ORDER_BOOK_DEPTH }',
  checksum: '{ kind: "checksum", depth: constants.ORDER_BOOK_DEPTH, createChecksum: () => bookChecksum }',
};

const FOLLOWS = `  // CHECK: add \`follows: "window"\` where the messages keep the best levels and tell which enters as another leaves.
`;

/** `manifest.ts`: what the venue is, as data. */
export function manifestFile(choices: VenueChoices, target: Target): string {
  const { continuity, hasServerTime, positionModes, exampleTradingPair } = choices;
  const [, quote = "USDT"] = exampleTradingPair.split("-");
  const modes = positionModes === "hedge" ? '["oneWay", "hedge"]' : '["oneWay"]';
  const imports = [
    { module: "connector/perpetual-venue", names: ["type VenueManifest"] },
    { module: "net/auth", names: ["KEY_AND_SECRET"] },
    { module: "model/decimal", names: ["Decimal"] },
    ...(continuity === "checksum" ? [{ module: "./checksum", names: ["bookChecksum"] }] : []),
    { module: "./constants", namespace: "constants" },
  ];
  return source(
    target,
    imports,
    `
${FEES}

export const manifest: VenueManifest = {
  name: constants.VENUE,
  displayName: constants.DISPLAY_NAME,
  // CHECK: date of the documents that the rest was checked against, "YYYY-MM-DD".
  documentsDate: undefined,
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "${exampleTradingPair}",
  credentials: KEY_AND_SECRET,
  // CHECK: what positions are margined and settled in.
  collateralTokens: ["${quote}"],
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC", "FOK"],
  positionModes: ${modes},
${CLIENT_ORDER_ID}
${continuity.endsWith("-stream") ? FOLLOWS : ""}  continuity: ${CONTINUITY[continuity]},
  heartbeat: {
    intervalMs: constants.HEARTBEAT_TIME_INTERVAL_MS,
    // CHECK: what keeps a connection open; "protocol" where it is WebSocket's own ping.
    ping: () => ({ op: "ping" }),
    timeoutMs: constants.HEARTBEAT_TIMEOUT_MS,
  },
  // CHECK: the longest silence of a channel that is normal on a live market.
  cadencesMs: { orderBook: 30_000, fundingInfo: 30_000 },
  // CHECK: whether the answer to a cancel is its end, and what the private stream carries.
  cancelsAreSynchronous: false,
  userStream: { socket: "private", carriesBalances: true, carriesPositions: true },
  hasServerTime: ${hasServerTime},
${BEHAVIOUR}
`,
  );
}

/** Default fees. */
const FEES = `// CHECK: the fees of an account without volume.
export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.0005"),
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};`;

/** The rule of client order ids. */
const CLIENT_ORDER_ID = `  // CHECK: its form, and whether the venue refuses an id that it has seen.
  clientOrderId: {
    kind: "text",
    maxLength: 36,
    pattern: /^[A-Za-z0-9_-]{1,36}$/,
    prefix: "pw-",
    isQueryable: true,
  },`;

/** Declarations of what confirms what, and when. */
const BEHAVIOUR = `  fundingInfo: { source: "stream" },
  fundingFeePollIntervalMs: 120_000,
  // CHECK: for how long a closed order can be asked for.
  retentionMs: 86_400_000,
  // CHECK: after how long a request that was sent can no longer become an order.
  createDeadlineMs: 10_000,
  leverageScope: "market",
  // Each goes on with its function in derivative.ts.
  // Rows of the checklist that the venue does not have, with the reason.
  notOffered: {},
};`;
