import type { Timer } from "../../../../src/runtime/runtime.ts";
import type { Cli } from "../cli.ts";
import { createScreen } from "../screen.ts";
import { lineText, paintAnsi, paintNothing, screenText } from "./screen-text.ts";
import type { DemoPhase, DemoState } from "./session.ts";
import { DemoViewer } from "./view.ts";

export interface LiveOptions {
  readonly connectorName: string;
  readonly seed: number;
  readonly isChaos: boolean;
  readonly durationMs: number | undefined;
  /** Lines instead of a screen, on standard error, so that standard output holds the result only. */
  readonly isJson: boolean;
}

/** Shows the demo while it runs: a screen on a terminal, a line a second elsewhere. */
export interface LiveDisplay {
  begin(state: DemoState): void;
  phase(phase: DemoPhase): void;
  /** Nothing is shown afterwards. */
  end(): void;
}

/** Width of a pseudo terminal without a size. */
const COLUMNS = 80;
const SCREEN_INTERVAL_MS = 125;
const LINE_INTERVAL_MS = 1_000;

export async function createLiveDisplay(cli: Cli, options: LiveOptions): Promise<LiveDisplay> {
  const { process } = cli;
  const { clock, timers } = await cli.runtime();
  const isScreen = process.isTerminal && !options.isJson;
  const screen = isScreen ? await createScreen(process) : undefined;
  const paint = process.environment.NO_COLOR ? paintNothing : paintAnsi;
  let viewer: DemoViewer | undefined;
  let phase: DemoPhase = "trading";
  let timer: Timer | undefined;

  const draw = () => {
    if (viewer === undefined) return;
    const view = viewer.view({ ...options, phase, nowMs: clock.monotonic() });
    if (screen !== undefined) screen.show(screenText(view, process.columns || COLUMNS, paint));
    else if (options.isJson) process.writeError(`${lineText(view)}\n`);
    else process.writeOut(`${lineText(view)}\n`);
  };
  const tick = () => {
    draw();
    timer = timers.after(isScreen ? SCREEN_INTERVAL_MS : LINE_INTERVAL_MS, tick, { background: true });
  };
  return {
    begin: (state) => {
      viewer = new DemoViewer(state);
      tick();
    },
    phase: (next) => {
      phase = next;
      if (isScreen) draw();
    },
    end: () => {
      timer?.cancel();
      viewer = undefined;
      screen?.end();
    },
  };
}
