import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

interface Envelope {
  /** Description of a good answer. */
  readonly comment: string;
  /** The statements that return the payload or go on. */
  readonly isFine: string;
  readonly payload: string;
}

const ENVELOPE: Readonly<Record<VenueChoices["envelope"], Envelope>> = {
  code: {
    comment: "`{code: 0, message, data}`, or an error of the table. Both the code and the status are believed.",
    isFine: 'response.status === 200 && String(envelope.code) === "0"',
    payload: "envelope.data",
  },
  success: {
    comment: "`{success: true, result}`, or an error of the table. Both `success` and the status are believed.",
    isFine: "response.status === 200 && envelope.success === true",
    payload: "envelope.result",
  },
  bare: {
    comment: "The bare payload, or an error of the table, which `{code, message}` tells with another status than 200.",
    isFine: "response.status === 200",
    payload: "payload",
  },
};

/** `web-utils.ts`: addresses, the envelope, the shape of a frame. */
export function webUtilsFile({ envelope, hasServerTime }: VenueChoices, target: Target): string {
  const { comment, isFine, payload } = ENVELOPE[envelope];
  const imports = [
    { module: "zod", names: [hasServerTime && "z"] },
    { module: "connector/perpetual-venue", names: ["type CreateVenueOptions", "type VenueWebUtils"] },
    { module: "model/error", names: ["ConfigError", "ProtocolError"] },
    { module: "net/json", names: ["excerpt", "parseJson", "parseRetryAfter"] },
    { module: "net/api-factories", names: ["createApiFactories"] },
    { module: "net/rest-assistant", names: ["type RateLimitFeedback"] },
    { module: "net/venue-api", names: ["type QueryValue", "type RestRequest", hasServerTime && "type VenueContext"] },
    { module: "net/payload", names: ["type PayloadSchema", "readPayload"] },
    { module: "net/wire", names: [hasServerTime && "wireTimeMs"] },
    { module: "runtime/runtime", names: ["type HttpResponse"] },
    {
      module: "./constants",
      names: [
        "DISPLAY_NAME",
        "REQUESTS_LIMIT_ID",
        hasServerTime && "SERVER_TIME_PATH_URL",
        "URLS",
        "VENUE",
        "webSockets",
      ],
    },
    { module: "./errors", names: ["errorOf"] },
  ];
  return source(
    target,
    imports,
    `
${REQUESTS}

// CHECK: the envelope, and how a failure looks.
/** ${comment} */
export function unwrapResponse(response: HttpResponse): unknown {
  const payload = parsePayload(response);
  const envelope: Readonly<Record<string, unknown>> =
    typeof payload === "object" && payload !== null ? { ...payload } : {};
  if (${isFine}) return ${payload};
  const code = envelope.code === undefined ? undefined : String(envelope.code);
  throw errorOf(response.status, code, String(envelope.message ?? "no text"), retryAfterMs(response));
}

${PAYLOADS}
${hasServerTime ? SERVER_TIME : ""}
/** The user's own URLs replace the domain's hosts; the paths of the streams are appended to theirs. */
export function createWebUtils({ domain, restUrl, webSocketUrl }: CreateVenueOptions): VenueWebUtils {
  const urls = URLS[domain];
  const rest = (restUrl ?? urls?.rest)?.replace(/\\/+$/, "");
  const webSocketUrls = webSocketUrl === undefined ? urls?.webSockets : webSockets(webSocketUrl.replace(/\\/+$/, ""));
  if (rest === undefined || webSocketUrls === undefined) {
    throw new ConfigError(\`\${VENUE} has no domain "\${domain}"\`, { hint: \`it has \${Object.keys(URLS).join(", ")}\` });
  }
  const restUrlOf = (request: RestRequest): string => \`\${rest}\${request.path}\`;
  const conventions = { restUrl: restUrlOf, unwrapResponse, rateLimitFeedback };
  return {
    ...conventions,
    ...createApiFactories({ conventions${hasServerTime ? ", getCurrentServerTime" : ""} }),
    webSocketUrls,${hasServerTime ? "\n    getCurrentServerTime," : ""}
  };
}

${FRAMES}
`,
  );
}

const SERVER_TIME = `
// CHECK: the name of the field, and its unit.
const wireServerTime = z.object({ serverTime: wireTimeMs });

/** Epoch milliseconds. */
export async function getCurrentServerTime({ api, signal }: Pick<VenueContext, "api" | "signal">): Promise<number> {
  const payload = await api.send(publicRequest(SERVER_TIME_PATH_URL), signal);
  return read(\`GET \${SERVER_TIME_PATH_URL}\`, wireServerTime, payload).serverTime;
}
`;

/** Reading, and asking without a key. */
const REQUESTS = `/** Reads a payload by its schema; what does not fit is a \`ProtocolError\`. */
export function read<Output>(what: string, schema: PayloadSchema<Output>, payload: unknown): Output {
  return readPayload(VENUE, what, schema, payload);
}

export function publicRequest(path: string, params: Readonly<Record<string, QueryValue>> = {}): RestRequest {
  return { method: "GET", path, params, isAuthRequired: false, limitId: REQUESTS_LIMIT_ID, lane: "poll" };
}`;

/** Bodies and rate limits. */
const PAYLOADS = `function parsePayload({ status, text }: HttpResponse): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    // A proxy's HTML page, or a body cut short: the status still tells what kind of failure it was.
    if (status !== 200) throw errorOf(status, undefined, excerpt(text));
    throw new ProtocolError(\`\${DISPLAY_NAME} answered 200 with a body that is not JSON\`, { venue: VENUE, cause });
  }
}

// CHECK: whether a date may stand there, and whether other headers tell what is used of a limit.
function retryAfterMs({ headers }: HttpResponse): number | undefined {
  return parseRetryAfter(headers["retry-after"], Number.POSITIVE_INFINITY);
}

export function rateLimitFeedback(response: HttpResponse, request: RestRequest): readonly RateLimitFeedback[] {
  if (response.status !== 429) return [];
  return [{ limitId: request.limitId, retryAfterMs: retryAfterMs(response) }];
}`;

/** Frames of the sockets. */
const FRAMES = `// CHECK: what a frame of either stream looks like; here data has a \`channel\`, an answer an \`op\`.
export type WireFrame = Readonly<
  Partial<Record<"op" | "success" | "message" | "channel" | "type" | "symbol" | "timestamp" | "data", unknown>>
>;

export function isFrame(message: unknown): message is WireFrame {
  return typeof message === "object" && message !== null;
}`;
