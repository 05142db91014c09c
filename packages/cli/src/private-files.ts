import type { Cli } from "./cli.ts";

/** Names a file that holds secrets and that others can read, and what mends it. */
export async function warnWhenOthersCanRead(cli: Cli, path: string, name: string): Promise<void> {
  const { files } = await cli.runtime();
  const mode = await files.mode(path);
  if ((mode & 0o077) !== 0) cli.process.writeError(`${name} holds secrets and others can read it: chmod 600 ${name}\n`);
}
