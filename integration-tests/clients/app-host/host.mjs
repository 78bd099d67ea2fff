// Shows a page (an MCP App) in Chromium as a client would, and writes down what became of it. The host is the
// official one (AppBridge of ext-apps): it checks every message of the page against the specification's schemas.
// Here it runs outside the browser; the frame's messages are handed to it as they are. The page comes from an
// origin of its own, in a sandboxed frame, under the strictest policy a host must apply.
//
// The first argument names a file with the order in JSON: `endpoint` (the browser's web socket), `html`, `theme`, `width`,
// `results` (tool results to show, in turn), `folder` (for screenshots and `report.json`).

import { writeFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { AppBridge } from "@modelcontextprotocol/ext-apps/app-bridge";

const order = JSON.parse(readFileSync(process.argv.at(-1), "utf8"));

// The default of the specification for a page that asks for no domain.
const POLICY = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; media-src 'self' data:; connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'self'";

const HOST_PAGE = (page) => `<!doctype html><body style="margin:0;background:#777"><iframe id="app"
  sandbox="allow-scripts" style="border:0;display:block;width:${order.width}px;height:300px" src="${page}"></iframe>
<script>addEventListener("message", (event) => {
  if (event.source === document.getElementById("app").contentWindow) toHost(JSON.stringify(event.data));
});</script>`;

/** A server of one document. */
async function serve(text, headers) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(text);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/` };
}

/** The browser's own protocol. */
class Browser {
  #socket; #waiting = new Map(); #last = 0; handlers = [];
  static async connect(endpoint) {
    const browser = new Browser();
    browser.#socket = new WebSocket(endpoint);
    await new Promise((open, failed) => Object.assign(browser.#socket, { onopen: open, onerror: failed }));
    browser.#socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      const call = browser.#waiting.get(message.id);
      browser.#waiting.delete(message.id);
      if (message.error) call?.reject(new Error(`${call.method}: ${message.error.message}`));
      else if (call) call.resolve(message.result);
      else for (const handler of browser.handlers) handler(message);
    };
    return browser;
  }
  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, method });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }
}

const browser = await Browser.connect(order.endpoint);
const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", width: order.width, height: 1400 });
const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
const tab = (method, params) => browser.send(method, params, sessionId);

const page = await serve(order.html, { "content-security-policy": POLICY });
const host = await serve(HOST_PAGE(page.url), {});
const report = { complaints: [], requests: [], sizes: [], initialized: null, steps: {} };
let fromPage = () => {};
browser.handlers.push(({ method, params }) => {
  if (method === "Runtime.bindingCalled") fromPage(JSON.parse(params.payload));
  if (method === "Runtime.exceptionThrown") report.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  if (method === "Log.entryAdded" && !params.entry.url?.endsWith("favicon.ico")) report.complaints.push(params.entry.text);
  // What a URL holds itself goes over no network: the screenshots below.
  if (method === "Network.requestWillBeSent" && !params.request.url.startsWith("data:")) report.requests.push(params.request.url);
});
for (const domain of ["Page", "Runtime", "Log", "Network"]) await tab(`${domain}.enable`);
await tab("Runtime.addBinding", { name: "toHost" });

async function evaluate(expression, contextId) {
  const { result, exceptionDetails } = await tab("Runtime.evaluate", { expression, contextId, returnByValue: true, awaitPromise: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

/** In the frame, whose sandbox gives it an origin of its own. */
async function inPage(expression) {
  const tree = (await tab("Page.getFrameTree")).frameTree;
  const frameId = tree.childFrames[0].frame.id;
  inPage.world ??= (await tab("Page.createIsolatedWorld", { frameId, worldName: "test" })).executionContextId;
  return evaluate(expression, inPage.world);
}

async function until(what, expression) {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    if (await inPage(expression).catch(() => false)) return;
    await new Promise((wait) => setTimeout(wait, 25));
  }
  throw new Error(`${what} does not come: ${JSON.stringify(report)}`);
}

// What a person sees, by the elements of the page.
const FACTS = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (selector) => all(selector).filter((element) => element.checkVisibility()).map((element) => element.textContent);
  const svg = document.getElementById("svg"), box = svg.getBoundingClientRect();
  const rects = (selector) => all(selector).map((element) => {
    const { x, width } = element.getBoundingClientRect();
    return [Math.round(x), Math.round(width)];
  });
  return {
    theme: document.documentElement.dataset.theme,
    background: getComputedStyle(document.body).backgroundColor,
    title: document.getElementById("title").textContent,
    window: document.getElementById("window").textContent,
    legend: all("#legend button").map((button) => [button.textContent, button.getAttribute("aria-pressed")]),
    panels: all("#svg .panel").length,
    lines: all("#svg path.line").map((line) => Number(line.dataset.series)),
    colors: all("#svg path.line").map((line) => getComputedStyle(line).stroke),
    figures: texts("#svg text.figure"), times: texts("#times text"), key: texts("#key li"),
    bands: all("#svg path.band").length, incident: rects("#svg rect.incident"), gaps: rects("#svg rect.gap"),
    changes: rects("#changes circle"), tip: texts("#tip"), reset: !document.getElementById("reset").hidden,
    plot: [Math.round(box.x), Math.round(box.width)], shown: svg.checkVisibility(), font: getComputedStyle(document.body).fontFamily, table: texts("td"),
    wider: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    foreign: all("img, script[src], link, iframe, svg *").filter((element) => element.matches("img, script[src], link, iframe, script")).length,
    smallest: Math.min(...all("body *").filter((element) => element.checkVisibility() && element.childNodes.length && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())).map((element) => parseFloat(getComputedStyle(element).fontSize))),
  };
})()`;

async function step(name) {
  report.steps[name] = await inPage(FACTS);
  const height = await evaluate(`document.getElementById("app").offsetHeight`);
  const clip = { x: 0, y: 0, width: order.width, height, scale: 1 };
  const { data } = await tab("Page.captureScreenshot", { format: "png", clip });
  writeFileSync(join(order.folder, `${name}.png`), Buffer.from(data, "base64"));
  // The picture as a person squinting sees it: the brightness of fields of 20 pixels.
  report.steps[name].squint = await evaluate(`(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${data}";
    await image.decode();
    const canvas = new OffscreenCanvas(Math.round(image.width / 20), Math.round(image.height / 20));
    const draw = canvas.getContext("2d");
    draw.imageSmoothingQuality = "high";
    draw.drawImage(image, 0, 0, canvas.width, canvas.height);
    const { data } = draw.getImageData(0, 0, canvas.width, canvas.height);
    const rows = [];
    for (let at = 0; at < data.length; at += 4) rows.push(Math.round((data[at] * 2 + data[at + 1] * 5 + data[at + 2]) / 8));
    return { width: canvas.width, fields: rows };
  })()`);
}

// --- The official host --------------------------------------------------------------------------------------

const transport = {
  async start() {
    fromPage = (message) => this.onmessage?.(message);
  },
  async send(message) {
    await evaluate(`document.getElementById("app").contentWindow.postMessage(${JSON.stringify(message)}, "*")`);
  },
  async close() {},
};
const context = {
  theme: order.theme, displayMode: "inline", availableDisplayModes: ["inline", "fullscreen"], platform: "web",
  containerDimensions: { width: order.width, maxHeight: 4000 },
  // The same letters on every machine.
  styles: { variables: { "--font-sans": "'DejaVu Sans', sans-serif" } },
};
const bridge = new AppBridge(null, { name: "storex-test-host", version: "1" }, { logging: {} }, { hostContext: context });
const initialized = new Promise((done) => { bridge.oninitialized = done; });
bridge.onerror = (error) => report.complaints.push(`host: ${error.message}`);
bridge.onsizechange = async ({ height }) => {
  report.sizes.push(height);
  await evaluate(`document.getElementById("app").style.height = "${height}px"`);
};
bridge.onrequestdisplaymode = async ({ mode }) => {
  report.asked_for = mode;
  return { mode };
};
await bridge.connect(transport);
await tab("Page.navigate", { url: host.url });
await initialized;
report.initialized = { app: bridge.getAppVersion(), capabilities: bridge.getAppCapabilities() };

// --- What a person does --------------------------------------------------------------------------------------

const settle = () => inPage("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))");
const mouse = (type, x, y, buttons = 0) => tab("Input.dispatchMouseEvent", { type, x, y, buttons, button: type === "mouseMoved" ? "none" : "left", clickCount: type === "mouseMoved" ? 0 : 1 });
const click = async (selector) => {
  const [x, y] = await inPage(`(() => { const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()`);
  await mouse("mousePressed", x, y, 1);
  await mouse("mouseReleased", x, y);
  await settle();
};
const key = async (name) => {
  await tab("Input.dispatchKeyEvent", { type: "keyDown", key: name, text: name.length === 1 ? name : undefined });
  await tab("Input.dispatchKeyEvent", { type: "keyUp", key: name });
  await settle();
};

async function show(result) {
  await bridge.sendToolInput({ arguments: { instance: "checkout-db-1" } });
  await bridge.sendToolResult(result);
  await settle();
}

await show(order.results.chart);
await until("the chart", `document.querySelectorAll("#svg path.line").length > 0`);
await settle();
await step("whole");

const box = await inPage(`(() => { const { x, y, width, height } = document.getElementById("svg").getBoundingClientRect(); return { x, y, width, height }; })()`);
const across = (share) => box.x + 78 + (box.width - 88) * share;
const middle = box.y + 120;
await mouse("mouseMoved", across(0.52), middle);
await settle();
await step("hover");

await mouse("mousePressed", across(0.4), middle, 1);
await mouse("mouseMoved", across(0.6), middle, 1);
await mouse("mouseMoved", across(0.75), middle, 1);
await mouse("mouseReleased", across(0.75), middle);
await settle();
await step("zoomed");
await click("#reset");
if (await inPage(`document.querySelectorAll("#legend button").length > 1`)) {
  await click("#legend button:nth-child(2)");
  await mouse("mouseMoved", 2, 2);
  await settle();
  await step("without_second");
  await click("#legend button:nth-child(2)");
}

await inPage(`document.getElementById("svg").focus()`);
await key("+");
await key("ArrowRight");
await step("by_keys");
await key("Escape");

await bridge.setHostContext({ ...context, theme: order.theme === "dark" ? "light" : "dark" });
await settle();
await mouse("mouseMoved", 2, 2);
await settle();
await step("other_theme");
await click("#full");
await bridge.teardownResource({});

for (const [name, result] of Object.entries(order.results).filter(([name]) => name !== "chart")) {
  await show(result);
  await step(name);
}
await bridge.close();
await browser.send("Target.closeTarget", { targetId });
report.requests = report.requests.map((url) => (url === page.url ? "page" : url === host.url ? "host" : url));
writeFileSync(join(order.folder, "report.json"), JSON.stringify(report));
process.exit(0);
