"""Holds one conversation with a server through the official SDK and prints what happened as JSON.

The order comes as JSON in the first argument; the TypeScript client beside this one takes the same
order and gives the same report.
"""

import json
import sys
import time
from contextlib import AsyncExitStack

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError


async def target(order, stack):
    """What to connect to: a program to start, or a URL with a bearer token."""
    if "command" in order:
        return StdioServerParameters(command=order["command"], args=order["args"])
    headers = {"Authorization": f"Bearer {order['token']}"}
    http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=30))
    return streamable_http_client(order["url"], http_client=http)


async def ask(client, call):
    """One call, its answer or its protocol error, the progress told meanwhile, and how long before
    the answer the first of it came."""
    progress = []
    told = []

    async def note(done, total, message):
        progress.append(message)
        told.append(time.monotonic())

    try:
        result = await client.call_tool(call["tool"], call["arguments"], progress_callback=note)
    except MCPError as error:
        return {"code": error.code, "message": error.message}
    return {
        "is_error": bool(result.is_error),
        "structured": result.structured_content,
        "text": "".join(part.text for part in result.content if part.type == "text"),
        "progress": progress,
        "progress_ahead_s": time.monotonic() - told[0] if told else None,
    }


async def give_up(client, call):
    """Abandons a call that is running, and says how long that took."""
    began = time.monotonic()
    with anyio.move_on_after(call["after_s"]) as scope:
        await client.call_tool(call["tool"], call["arguments"])
    return {"cancelled": scope.cancelled_caught, "elapsed_s": time.monotonic() - began}


async def main(order):
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            Client(await target(order, stack), mode=order["mode"])
        )
        listed = await client.list_tools()
        report = {
            "protocol": client.protocol_version,
            "server": client.server_info.name,
            "instructions": client.instructions,
            "tools": [tool.name for tool in listed.tools],
            "resources": [str(page.uri) for page in (await client.list_resources()).resources],
            "given_up": None,
        }
        if order.get("give_up"):
            report["given_up"] = await give_up(client, order["give_up"])
        report["answers"] = [await ask(client, call) for call in order["calls"]]
    print(json.dumps(report))


anyio.run(main, json.loads(sys.argv[1]))
