import { parseAmount } from "../../../../src/paper/engine/amount.ts";
import type { ProtocolDefinition } from "../../../../src/paper/protocols/protocols.ts";
import { AcmeServer } from "./server.ts";

/** Protocol that the exchange in the box speaks for the connector: `perpwire venue --api acme` starts it. */
export const paperProtocol: ProtocolDefinition = {
  name: "acme",
  create: (ports) => new AcmeServer(ports),
  // CHECK: the fees of an account without volume.
  engine: { makerFee: parseAmount("0.0002"), takerFee: parseAmount("0.0005"), fundingDivisor: 1n },
  // CHECK: for how long the venue refuses a client order id that it has seen, and whether the step is the smallest order.
  clientIdsTaken: "ever",
  stepIsSmallestOrder: false,
};
