import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";

/** Answers every request as Bybit answers an order that it takes; the main thread is told the port. */
let answered = 0;
const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("latin1");
  request.on("data", (text: string) => {
    body += text;
  });
  request.on("end", () => {
    answered += 1;
    const name = /"orderLinkId":"([^"]*)"/.exec(body)?.[1] ?? "";
    const text = `{"retCode":0,"retMsg":"OK","result":{"orderId":"1321003749386327552-${answered}","orderLinkId":"${name}"},"retExtInfo":{},"time":1700000000000}`;
    response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
    response.end(text);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
