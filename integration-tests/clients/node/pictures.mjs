// Reads the tools, the pages and one answer of a server through the official SDK and prints them as JSON.
// The order comes as JSON in the first argument.

import { Client, ProtocolError, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const order = JSON.parse(process.argv.at(-1));
const headers = { Authorization: `Bearer ${order.token}` };
const client = new Client(
  { name: "storex-test", version: "1" },
  { versionNegotiation: { mode: order.mode } },
);
await client.connect(new StreamableHTTPClientTransport(new URL(order.url), { requestInit: { headers } }));

async function read(uri) {
  try {
    return await client.readResource({ uri });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, message: error.message, data: error.data };
  }
}

const report = {
  protocol: client.getNegotiatedProtocolVersion(),
  tools: (await client.listTools()).tools,
  resources: (await client.listResources()).resources,
  pages: [],
  result: await client.callTool(order.call),
};
for (const uri of order.reads) report.pages.push(await read(uri));
await client.close();
console.log(JSON.stringify(report));
