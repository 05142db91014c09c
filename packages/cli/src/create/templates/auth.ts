import { headerPrefix, type SignedPart, type SigningScheme, type Target, type VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

/** Expression of each signed part in the generated code. */
const PART: Readonly<Record<SignedPart, string>> = {
  timestamp: "timestamp",
  key: "apiKey",
  window: "RECEIVE_WINDOW_MS",
  method: "request.method",
  path: "pathOf(request.url)",
  query: "queryOf(request.url)",
  target: "targetOf(request.url)",
  body: 'request.body ?? ""',
};

/** The functions that some parts need. */
const HELPERS: Readonly<Partial<Record<SignedPart, string>>> = {
  target: `
/** The path with its query, exactly as it will be sent. */
function targetOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return path < 0 ? "/" : url.slice(path);
}
`,
  path: `
/** The path without its query. */
function pathOf(url: string): string {
  return new URL(url).pathname;
}
`,
  query: `
/** The query without its question mark, exactly as it will be sent. */
function queryOf(url: string): string {
  return url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
}
`,
};

/** `auth.ts`: how requests and the private socket are signed. */
export function authFile({ name, access, signing }: VenueChoices, target: Target): string {
  const hasWindow = signing.parts.includes("window");
  const imports = [
    { module: "node:crypto", names: ["createHmac"] },
    {
      module: "net/auth",
      names: [
        "type Authenticator",
        "type Credentials",
        "type PreparedRequest",
        "type SigningContext",
        "API_KEY",
        "API_SECRET",
        "requiredCredential",
      ],
    },
    { module: "./constants", names: [hasWindow && "RECEIVE_WINDOW_MS"] },
  ];
  return source(
    target,
    imports,
    `
/** HMAC-SHA256 in ${signing.encoding === "hex" ? "lower-case hexadecimal digits" : "base64"}. */
export function generateSignature(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(payload).digest("${signing.encoding}");
}

${signing.place === "header" ? headerPlace(headerPrefix(name), hasWindow) : queryPlace(headerPrefix(name), hasWindow)}${signing.parts.map((part) => HELPERS[part] ?? "").join("")}
export function createAuth(credentials: Credentials, { now }: SigningContext): Authenticator {
  const apiKey = requiredCredential(credentials, API_KEY);
  const apiSecret = requiredCredential(credentials, API_SECRET);
  return {
${signing.place === "header" ? signHeader(signing) : signQuery(signing)}

${access === "login" ? LOGIN : LISTEN_KEY}
  };
}
`,
  );
}

const LOGIN = `    wsAuthenticate(): unknown {
      const timestamp = String(Math.floor(now()));
      // CHECK: the frame that logs in, and what its signature is made over.
      const signature = generateSignature(apiSecret, \`\${timestamp}login\`);
      return { op: "login", args: { apiKey, timestamp, signature } };
    },`;

const LISTEN_KEY = `    // The private stream is opened with a listen key.
    wsAuthenticate: () => undefined,`;

function payloadOf({ parts }: SigningScheme): string {
  const [only] = parts;
  const expression =
    parts.length === 1 && only !== undefined ? PART[only] : `\`${parts.map((part) => `\${${PART[part]}}`).join("")}\``;
  return `      // CHECK: what is signed, in which order, against an example of the documentation.
      const payload = ${expression};`;
}

function headerPlace(prefix: string, hasWindow: boolean): string {
  const window = hasWindow ? `    "${prefix}-WINDOW": String(RECEIVE_WINDOW_MS),\n` : "";
  return `// CHECK: the names of the headers.
export function headerForAuthentication(apiKey: string, timestamp: string, signature: string) {
  return {
    "${prefix}-KEY": apiKey,
    "${prefix}-TIMESTAMP": timestamp,
${window}    "${prefix}-SIGN": signature,
  };
}
`;
}

function signHeader(signing: SigningScheme): string {
  return `    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const timestamp = String(Math.floor(now()));
${payloadOf(signing)}
      const signature = generateSignature(apiSecret, payload);
      return { ...request, headers: { ...request.headers, ...headerForAuthentication(apiKey, timestamp, signature) } };
    },`;
}

function queryPlace(prefix: string, hasWindow: boolean): string {
  const window = hasWindow ? "&recvWindow=$" + "{RECEIVE_WINDOW_MS}" : "";
  return `// CHECK: the name of the header.
export const headerForAuthentication = (apiKey: string) => ({ "X-${prefix}-KEY": apiKey });

// CHECK: the names of the parameters.
/** The address with the time, which is signed with all other parameters; the signature comes after it. */
export function addAuthToParams(url: string, timestamp: string): string {
  return \`\${url}\${url.includes("?") ? "&" : "?"}timestamp=\${timestamp}${window}\`;
}
`;
}

function signQuery(signing: SigningScheme): string {
  return `    restAuthenticate(unsigned: PreparedRequest): PreparedRequest {
      const timestamp = String(Math.floor(now()));
      const headers = { ...unsigned.headers, ...headerForAuthentication(apiKey) };
      const request = { ...unsigned, headers, url: addAuthToParams(unsigned.url, timestamp) };
${payloadOf(signing)}
      const signature = encodeURIComponent(generateSignature(apiSecret, payload));
      return { ...request, url: \`\${request.url}&signature=\${signature}\` };
    },`;
}
