import type { PastedSignatures } from "./pasted-fixtures.ts";

/** Made with `openssl dgst -sha256 -hmac secret` and Python's `hmac`, over texts that were put together by hand. */

const TIMESTAMP = "1700000000000";
const COMMON = { credentials: { apiKey: "key", apiSecret: "secret" }, nowMs: 1_700_000_000_000 };
const GET = { ...COMMON, method: "GET", url: "https://venue.test/v1/fills?symbol=BTCUSDT&limit=5" } as const;
const BODY = '{"symbol":"BTCUSDT"}';
const POST = { ...COMMON, method: "POST", url: "https://venue.test/v1/orders", body: BODY } as const;
/** Over `1700000000000login`. */
const LOGIN = "21173ae01e8134718d1cfdc449fd28845683147e7f5ea035c7bd7bfee0e006cd";

/** Over the time, the method, the path with its query and the body. */
function inHeaders(prefix: string): PastedSignatures {
  const small = prefix.toLowerCase();
  const expected = (signature: string) => {
    return {
      headers: { [`${prefix}-KEY`]: "key", [`${prefix}-TIMESTAMP`]: TIMESTAMP, [`${prefix}-SIGN`]: signature },
    };
  };
  return {
    auth: {
      headers: [`${small}-key`, `${small}-timestamp`, `${small}-sign`],
      timestamp: { in: "headers", name: `${small}-timestamp` },
    },
    authVectors: [
      { ...GET, expected: expected("c9212bebe0a9bcc4acc4f5c227a21ab19a1cd5d453505a2a4c8e5b712fd56b78") },
      { ...POST, expected: expected("12fd672cf95affa7772cc68acbca3b4abea3335236b17e652eeb9d984c371743") },
    ],
    login: LOGIN,
  };
}

/** Over the query with the time, and the body; in base64. */
const IN_QUERY: PastedSignatures = {
  auth: {
    headers: ["query-key"],
    params: ["timestamp", "signature"],
    timestamp: { in: "params", name: "timestamp" },
  },
  authVectors: [
    {
      ...GET,
      expected: {
        headers: { "QUERY-KEY": "key" },
        url: `${GET.url}&timestamp=${TIMESTAMP}&signature=zsIKgkmXCEw7ZpI15yyZ8P8PLrfOXOad3AhChyTNdYg%3D`,
      },
    },
    {
      ...POST,
      expected: {
        headers: { "QUERY-KEY": "key" },
        url: `${POST.url}?timestamp=${TIMESTAMP}&signature=v5VW8JNISOmPDFHC4hFSQ%2FJh6JHZe7Qm1W5Gmn9z%2B60%3D`,
      },
    },
  ],
};

/** Over the time, the key, the window, the query and the body. */
const WITH_WINDOW: PastedSignatures = {
  auth: {
    headers: ["window-key", "window-timestamp", "window-window", "window-sign"],
    timestamp: { in: "headers", name: "window-timestamp" },
  },
  authVectors: [
    [GET, "d0d3f58324d98e3e668c0176f62baf90b6df16c2cd569f387232740577d1d25c"] as const,
    [POST, "4d8fae4bb45a2bdad91a4d950bb104628d2e233eda9a11f3648f6e6abca6b918"] as const,
  ].map(([vector, signature]) => {
    const headers = { "WINDOW-KEY": "key", "WINDOW-TIMESTAMP": TIMESTAMP, "WINDOW-WINDOW": "5000" };
    return { ...vector, expected: { headers: { ...headers, "WINDOW-SIGN": signature } } };
  }),
  login: LOGIN,
};

const SECONDS = TIMESTAMP.slice(0, -3);

/** Method, path, query, SHA-512 of the body and the time in seconds, a line each; HMAC-SHA512. */
const SIGNED: PastedSignatures = {
  authVectors: [
    [
      GET,
      "aee39ab5eb49783e6ff3d9b2ec4722481d139294cc261cd312a68462f8a02cf739a3de058333f48ddde84b4bd9cdbfd5559bc3d4a269d587012aeb304ae52b51",
    ] as const,
    [
      POST,
      "b3eda177923afd548ceb830bcec8342cd3abf9c3e455d63b9aa84e568b7782d3dde1af3391d63fd7d845b13df9f4ad1f9e170612dc1c50bddcf76557c9005cab",
    ] as const,
  ].map(([vector, signature]) => {
    const headers = { "SIGNED-KEY": "key", "SIGNED-TIMESTAMP": SECONDS, "SIGNED-SIGN": signature };
    return { ...vector, expected: { headers } };
  }),
};

const WITH_PASSPHRASE = { ...COMMON.credentials, passphrase: "phrase" };

/** The time in ISO 8601, the method, the path with its query and the body; in base64, with a passphrase. */
const ISO: PastedSignatures = {
  authVectors: [
    [GET, "vfQCJnMxNH+bf/+3qG/tt+uXomuhjq8tfHMnmrni7cw="] as const,
    [POST, "auTky5+5IHDTIByDolNS6qUKYJr/SLN7XKdy35WVOPM="] as const,
  ].map(([vector, signature]) => {
    const shown = { "ISO-KEY": "key", "ISO-PASSPHRASE": "phrase", "ISO-SIGN": signature };
    const headers = { ...shown, "ISO-TIMESTAMP": "2023-11-14T22:13:20.000Z" };
    return { ...vector, credentials: WITH_PASSPHRASE, expected: { headers } };
  }),
  login: "94jqyZi3UOU19TVrOoPuD+kvfQWvk5vpN0kpwKBLiKA=",
  loginTime: "2023-11-14T22:13:20.000Z",
  credentials: { passphrase: "phrase" },
};

/** The time, the address, the method, the path, the query and the body, with `&` between them; HMAC-SHA512 in base64. */
const WALLET: PastedSignatures = {
  authVectors: [
    [GET, "XeMvI/Hs1bpzj7Qv7PD+G4k0+l/ulDz5TyGG/rjtEX6+sQhRkGehxxrspqfzGBX9o7fKTxSYPHLqZCZjCWSyyQ=="] as const,
    [POST, "l9pb+3RqEyF+Ok/78Mz/VaDY0/FOo5qfcngzTO9PeTmBXb1+i5/5JTIXsCPkf/mCtk4odVIHa2Nqqkmz0rWiZA=="] as const,
  ].map(([vector, signature]) => {
    const headers = { "WALLET-KEY": "0xabc", "WALLET-TIMESTAMP": TIMESTAMP, "WALLET-SIGN": signature };
    return { ...vector, credentials: { accountAddress: "0xabc", privateKey: "secret" }, expected: { headers } };
  }),
};

/** The first test key of RFC 8032. */
const EDWARDS_KEY = { apiKey: "key", apiSecret: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=" };

/** The time, the method, the path with its query and the body; Ed25519 in base64, made with `openssl pkeyutl -sign -rawin`. */
const EDWARDS: PastedSignatures = {
  authVectors: [
    [GET, "RjKNs67r1dLgVDCnMC6vUcq1E0QQn6hXuVjGGOqMWycOKgAkpgJtoRWOzBK+UhUYlgAdv3Q6MUa8sQhuure0Dg=="] as const,
    [POST, "kNDKhyq/RFeNa+N8jpkXtqdf0qxY59VQ8TAj29shmlF4tF7b2jYO2Fy1LqPmZXvP7n/FzyrvP4cNu6TN3z7gAg=="] as const,
  ].map(([vector, signature]) => {
    const headers = { "EDWARDS-KEY": "key", "EDWARDS-TIMESTAMP": TIMESTAMP, "EDWARDS-SIGN": signature };
    return { ...vector, credentials: EDWARDS_KEY, expected: { headers } };
  }),
  login: "DuINMlSE8qlddG+A/IJuufywuHZu5cC5e+Tw0ddhMtncuq+eDGVzGYMxlis2T94AVcTsE9fClCBzb8BDhYxdBQ==",
  credentials: EDWARDS_KEY,
};

/** By the venue's name. */
export const SIGNATURES: Readonly<Record<string, PastedSignatures>> = {
  header: inHeaders("HEADER"),
  query: IN_QUERY,
  window: WITH_WINDOW,
  checksum: inHeaders("CHECKSUM"),
  signed: SIGNED,
  iso: ISO,
  wallet: WALLET,
  edwards: EDWARDS,
};
