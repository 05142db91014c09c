import { isRealWorkUnderWay, realWorkDone } from "./real-work.ts";

/**
 * Number of virtual events after which the event loop takes a turn, so that real network and disk work is not kept
 * waiting.
 */
const EVENTS_PER_LOOP = 64;

/**
 * Lets everything run that is ready: promises, also those that they make, `process.nextTick`, and one turn of the event
 * loop. A module that is being loaded comes first.
 */
export async function promiseWork(): Promise<void> {
  await turn();
  while (isRealWorkUnderWay()) {
    await realWorkDone();
    await turn();
  }
}

/**
 * The same after the event with this number, where it has to be cheap: Node empties the queue of promises before it takes
 * the next tick, and a tick costs a quarter of a turn of the event loop.
 */
export async function promiseWorkAfter(event: number): Promise<void> {
  await (event % EVENTS_PER_LOOP === 0 ? turn() : tick());
  if (isRealWorkUnderWay()) await promiseWork();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function tick(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
