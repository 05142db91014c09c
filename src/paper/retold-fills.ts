/** Destination of a private frame: the channel of an account. */
interface Place {
  readonly account: string;
  readonly channel: string;
}

/** Frames with fills that were to be told again, and whose connection had ended by then. */
export class RetoldFills {
  readonly #waiting: (Place & { readonly text: string })[] = [];

  keep(place: Place, text: string): void {
    this.#waiting.push({ account: place.account, channel: place.channel, text });
  }

  /** Takes the frames of an account and a channel, once. */
  take({ account, channel }: Place): readonly string[] {
    if (this.#waiting.length === 0) return [];
    const taken = this.#waiting.filter((frame) => frame.account === account && frame.channel === channel);
    for (const frame of taken) this.#waiting.splice(this.#waiting.indexOf(frame), 1);
    return taken.map(({ text }) => text);
  }
}
