import type { Authenticator } from "../../../../../src/net/auth.ts";
import { generateSignature, timestampOf } from "../../venue/auth.ts";
import { isFrame } from "../../venue/web-utils.ts";

type Signer = Pick<Authenticator, "wsAuthenticate" | "signFrame">;

export function signer(apiKey: string, apiSecret: string, context: { now(): number }): Signer {
  return {
    // <login>
    /** Makes no login: each subscription is signed by itself. */
    wsAuthenticate: () => undefined,

    signFrame(message: unknown): unknown {
      if (!isFrame(message)) return message;
      const timestamp = timestampOf(context.now());
      // CHECK: what is signed of a subscription, and where the signature goes.
      const payload = `channel=${String(message.channel)}&event=${String(message.op)}&time=${timestamp}`;
      return { ...message, timestamp, auth: { apiKey, signature: generateSignature(apiSecret, payload) } };
    },
    // </login>
  };
}
