import { formsOf, redact } from "../../../src/net/redaction.ts";
import type { Cli } from "./cli.ts";

/**
 * Texts that no output may hold: each secret as it is, as JSON writes it and as a URL does. The longest comes first:
 * one secret may hold another.
 */
export function secretForms({ secrets }: Pick<Cli, "secrets">): readonly string[] {
  const forms = [...secrets].flatMap(formsOf);
  return [...new Set(forms)].filter(Boolean).toSorted((left, right) => right.length - left.length);
}

export function withoutSecrets(cli: Pick<Cli, "secrets">, text: string): string {
  return redact(text, secretForms(cli));
}
