// Holds one conversation with a server through the official SDK and prints what happened as JSON.
// The order comes as JSON in the first argument; the Python client takes the same order and gives
// the same report.

import { Client, ProtocolError, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const order = JSON.parse(process.argv.at(-1));

// What to connect to: a program to start, or a URL with a bearer token.
function target() {
  if (order.command) {
    return new StdioClientTransport({ command: order.command, args: order.args });
  }
  const headers = { Authorization: `Bearer ${order.token}` };
  return new StreamableHTTPClientTransport(new URL(order.url), { requestInit: { headers } });
}

// One call, its answer or its protocol error, the progress told meanwhile, and how long before the
// answer the first of it came.
async function ask(client, { tool, arguments: args }) {
  const progress = [];
  let first = null;
  const onprogress = (note) => {
    first ??= performance.now();
    progress.push(note.message);
  };
  try {
    const result = await client.callTool({ name: tool, arguments: args }, { onprogress });
    return {
      is_error: Boolean(result.isError),
      structured: result.structuredContent,
      text: result.content.map((part) => part.text ?? "").join(""),
      progress,
      progress_ahead_s: first === null ? null : (performance.now() - first) / 1000,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, message: error.message };
  }
}

// Abandons a call that is running, and says how long that took.
async function giveUp(client, { tool, arguments: args, after_s: after }) {
  const began = performance.now();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), after * 1000);
  let cancelled = false;
  try {
    await client.callTool({ name: tool, arguments: args }, { signal: controller.signal });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    cancelled = true;
  }
  clearTimeout(timer);
  return { cancelled, elapsed_s: (performance.now() - began) / 1000 };
}

const client = new Client(
  { name: "storex-test", version: "1" },
  { versionNegotiation: { mode: order.mode } },
);
await client.connect(target());
const report = {
  protocol: client.getNegotiatedProtocolVersion(),
  server: client.getServerVersion().name,
  instructions: client.getInstructions(),
  tools: (await client.listTools()).tools.map((tool) => tool.name),
  resources: (await client.listResources()).resources.map((page) => page.uri),
  given_up: order.give_up ? await giveUp(client, order.give_up) : null,
  answers: [],
};
for (const call of order.calls) {
  report.answers.push(await ask(client, call));
}
await client.close();
console.log(JSON.stringify(report));
