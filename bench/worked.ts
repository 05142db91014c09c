/** Time that this thread has worked, microseconds: what else runs on the machine, and what waits, does not count. */
export function threadWorkedUs(): number {
  // The kernel brings the figure of a thread that runs up to date when it is asked for those of the process.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
