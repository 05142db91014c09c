import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with what is still to be done: the default reporter counts todos and names none. */
export default class TodoReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      const todos = [...module.children.allTests("skipped")].filter(({ options }) => options.mode === "todo");
      if (todos.length === 0) continue;
      const lines = todos.map(({ fullName }) => `  ${fullName}`);
      process.stdout.write(`\n To do in ${module.relativeModuleId} (${todos.length})\n${lines.join("\n")}\n`);
    }
  }
}
