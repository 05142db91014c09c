import type { VenueUserStreamDataSource } from "../../../../../src/account/venue-user-stream-data-source.ts";
import * as constants from "../../venue/constants.ts";

type Subscriber = Pick<VenueUserStreamDataSource, "subscribeChannels" | "unsubscribeChannels">;

export const subscriber: Subscriber = {
  // <subscribe>
  // CHECK: how a subscription names the account; here by each credential that is no secret.
  subscribeChannels: ({ account }, channels = constants.PRIVATE_CHANNELS) =>
    channels.map((channel) => ({ op: "subscribe", channel, ...account })),
  unsubscribeChannels: ({ account }, channels) =>
    channels.map((channel) => ({ op: "unsubscribe", channel, ...account })),
  // </subscribe>
};
