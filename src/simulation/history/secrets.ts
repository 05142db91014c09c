const HIDDEN = "[hidden]";
/** Logins name an API key and a signature, in fields that differ from venue to venue. */
const LOGIN = /"op"\s*:\s*"(?:login|auth)"/;
const SIGNATURE = /\b(signature|sign)=[^&\s"]+/g;
/** Signatures in JSON: of Binance's requests over a socket, of Gate.io's subscriptions, and the three parts of Hyperliquid's. */
const SIGNED_FIELD = /("(?:signature|sign|r|s)"\s*:\s*)"[0-9A-Za-z+/=]{40,}"/gi;
/** Pattern of a listen key, which gives access to the account. */
const LISTEN_KEY = /"listenKey"\s*:\s*"([^"]+)"/g;

/** Takes out of a history what opens an account: keys, passphrases, signatures and listen keys. */
export class HistorySecrets {
  readonly #known: string[];

  constructor(known: readonly (string | undefined)[]) {
    this.#known = known.filter((secret) => secret !== undefined && secret !== "") as string[];
  }

  /** Masks secrets in text that a process sends: a URL, a body or a frame. */
  sent(text: string): string {
    if (LOGIN.test(text)) return `{"op":"login","args":"${HIDDEN}"}`;
    return this.#hide(text.replace(SIGNATURE, `$1=${HIDDEN}`).replace(SIGNED_FIELD, `$1"${HIDDEN}"`));
  }

  /** Masks secrets in text that a process receives. */
  received(text: string): string {
    if (!text.includes("listenKey")) return this.#hide(text);
    for (const [, key = ""] of text.matchAll(LISTEN_KEY)) if (!this.#known.includes(key)) this.#known.push(key);
    return this.#hide(text);
  }

  #hide(text: string): string {
    let clean = text;
    for (const secret of this.#known) if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN);
    return clean;
  }
}
