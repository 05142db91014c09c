import "../runtime/node-version.ts";

export type { HistoryLine } from "../checker/history.ts";
/**
 * `perpwire/simulation`: a world in which a seed decides everything and time moves only when told to. Connectors and the
 * exchange in the box run in it by the runtimes of its hosts, so that a test of a program takes milliseconds and is the
 * same each time. `SimulatedWorld` kills processes, cuts power, pauses hosts, moves clocks, fills disks and harms the network;
 * `docs/using.md` has the list.
 */
export type * from "../runtime/runtime.ts";
export {
  type ConnectFault,
  type FrameDirection,
  type FrameFault,
  type HttpFault,
  type NetworkFaults,
  type PauseKind,
  type SimulatedConnectionInfo,
  type SimulatedHttpRequest,
  type SimulatedLatency,
  type SimulatedNetwork,
  SimulatedWorld,
  type SimulatedWorldOptions,
  type SimulatedWriteFaults,
} from "../runtime/simulated.ts";
export { type AgreementOptions, differencesOf } from "./agreement.ts";
export { BOX_PROTOCOLS, type BoxConnector, type BoxProtocol } from "./box-protocols.ts";
export type { Finding } from "./findings.ts";
export type { RecordOptions, WorldRecorder } from "./history/world-recorder.ts";
export { ToldLedger } from "./ledger.ts";
export { type Act, type Episode, type PlanOptions, type ProfileName, planOf, type WorldPlan } from "./plan.ts";
export { type FoundBy, type Outcome, type PlayOptions, playWorld } from "./play.ts";
export { type ShrinkOptions, type Shrunk, shrink, testOf } from "./shrink.ts";
export type { VenueTruth } from "./venue-truth.ts";
export { World, type WorldConnectOptions, type WorldOptions } from "./world.ts";
