import { JournalError } from "../model/error.ts";

const HOLDERS = {
  here: { who: "this process already", hint: "stop the connector that holds it, or give each a journal of its own" },
  elsewhere: {
    who: "another process",
    hint: "stop the other process, or give this one a journal of its own (journalPath, --journal)",
  },
};

/** Error of opening a journal that is already open. */
export function journalLocked(path: string, holder: keyof typeof HOLDERS, cause?: unknown): JournalError {
  const { who, hint } = HOLDERS[holder];
  return new JournalError(`the journal ${path} is in use by ${who}`, { code: "JOURNAL_LOCKED", hint, cause });
}
