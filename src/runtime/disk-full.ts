/** Words for a full disk, the same in both runtimes. */
export const DISK_FULL = { reason: "the disk is full", hint: "free some space; what was written is safe" } as const;
