/** Both runtimes report a full disk in the same words. */
export const DISK_FULL = { reason: "the disk is full", hint: "free some space; what was written is safe" } as const;
