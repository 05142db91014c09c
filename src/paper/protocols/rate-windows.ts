import { RollingWindow } from "./rolling-window.ts";

export interface WindowSize {
  readonly count: number;
  readonly windowMs: number;
}

/** Rolling windows by the name of what they limit. */
export class RateWindows {
  readonly #windows = new Map<string, RollingWindow>();

  of(name: string, { count, windowMs }: WindowSize): RollingWindow {
    let window = this.#windows.get(name);
    if (window === undefined) {
      window = new RollingWindow(count, windowMs);
      this.#windows.set(name, window);
    }
    return window;
  }
}
