"""client.py MODE COMMAND…: drives the everything server with the official client over stdio, in one revision:
`legacy` is 2025-11-25, and `2026-07-28` or `auto` the newer one. Ends with 0 where all is as it should be."""
import sys

import anyio
import mcp_types as types
from mcp import Client, MCPError, StdioServerParameters

mode, command = sys.argv[1], sys.argv[2:]
is_new = mode != "legacy"
logged, progressed, heard = [], [], []


async def log(parameters):
    logged.append(parameters.level)


async def handle(message):
    heard.append(getattr(message, "method", type(message).__name__))


async def progress(value, total, message):
    progressed.append((value, total))


async def pages(fetch, entries):
    found, cursor = [], None
    while True:
        page = await fetch(cursor=cursor, cache_mode="refresh")
        found += getattr(page, entries)
        cursor = page.next_cursor
        if not cursor:
            return found


async def refused(call, code):
    try:
        result = await call
    except MCPError as error:
        assert error.error.code == code, error
    else:
        raise AssertionError(f"taken: {result}")


async def main():
    client = Client(
        StdioServerParameters(command=command[0], args=command[1:]), mode=mode, read_timeout_seconds=60,
        logging_callback=log, message_handler=handle, log_level="warning" if is_new else None)
    async with client:
        assert client.protocol_version == ("2026-07-28" if is_new else "2025-11-25"), client.protocol_version
        if mode != "2026-07-28":
            assert client.server_capabilities.tools.list_changed
            assert client.instructions.startswith("One of each")
        tools = await pages(client.list_tools, "tools")
        assert [tool.name for tool in tools][:3] == ["echo", "add", "list"], tools
        assert len(tools) == len({tool.name for tool in tools}) > 10
        await client.list_tools(cache_mode="refresh")

        text = "ü \u2028 \n \" 😀"
        result = await client.call_tool("echo", {"text": text})
        assert result.content[0].text == text, result
        result = await client.call_tool("add", {"a": 2**62, "b": 2**62 - 1})
        assert result.structured_content == {"sum": 2**63 - 1}, result
        result = await client.call_tool("list", {})
        assert (result.structured_content is not None) == is_new, result
        result = await client.call_tool("media", {})
        assert [c.type for c in result.content] == ["text", "image", "audio", "resource_link", "resource"], result
        for name, arguments in (("add", {"a": 1}), ("add", {"a": 2**62, "b": 2**62}), ("fail", {}), ("break", {})):
            result = await client.call_tool(name, arguments)
            assert result.is_error, (name, result)
        await refused(client.call_tool("no such", {}), -32602)
        await refused(client.call_tool("ask", {}), -32021 if is_new else -32600)

        await client.call_tool("count", {"to": 5}, progress_callback=progress)
        assert [value for value, _ in progressed] == [1, 2, 3, 4, 5] and progressed[0][1] == 5, progressed
        if not is_new:
            await client.set_logging_level("warning")
        await client.call_tool("log", {})
        assert logged == ["warning", "error", "critical", "alert", "emergency"], logged

        resources = await pages(client.list_resources, "resources")
        assert len(resources) == 7, resources
        templates = await client.list_resource_templates()
        assert [t.uri_template for t in templates.resource_templates] == ["demo://weather/{city}/{day}"]
        assert (await client.read_resource("demo://text/3")).contents[0].text == "text 3"
        assert (await client.read_resource("demo://bytes")).contents[0].blob == "R0lGODlh"
        weather = await client.read_resource("demo://weather/Bern/monday")
        assert weather.contents[0].text == "sunny in Bern on monday"
        await refused(client.read_resource("demo://weather/Paris/monday"), -32602 if is_new else -32002)

        assert len(await pages(client.list_prompts, "prompts")) == 2
        prompt = await client.get_prompt("greet", {"name": "Ada", "city": "Rome"})
        assert prompt.messages[0].content.text == "Greet Ada in Rome.", prompt
        await client.get_prompt("look")
        await refused(client.get_prompt("greet", {}), -32602)
        reference = types.ResourceTemplateReference(type="ref/resource", uri="demo://weather/{city}/{day}")
        completion = (await client.complete(reference, {"name": "city", "value": "Ber"})).completion
        assert completion.values == ["Berlin", "Bern", "Bergen"], completion
        reference = types.PromptReference(type="ref/prompt", name="greet")
        completion = (await client.complete(reference, {"name": "city", "value": "Be"}, {"name": "Bern"})).completion
        assert completion.values == ["Berlin", "Bergen"], completion
        completion = (await client.complete(reference, {"name": "number", "value": ""})).completion
        assert len(completion.values) == 100 and completion.total == 250 and completion.has_more, completion

        # A call that is abandoned is cancelled, and the server goes on; the tool says that it was by a change.
        if is_new:
            async with client.listen(
                tools_list_changed=True, resource_subscriptions=["demo://text/1", "demo://text/2", "demo://no"]
            ) as changes:
                assert changes.honored.tools_list_changed and not changes.honored.prompts_list_changed
                assert changes.honored.resource_subscriptions == ["demo://text/1", "demo://text/2"], changes.honored
                await client.call_tool("touch", {"uri": "demo://text/1"})
                assert (await changes.__anext__()).uri == "demo://text/1"
                await client.call_tool("touch", {"uri": "demo://text/3"})
                await client.call_tool("grow", {"name": "grown"})
                assert type(await changes.__anext__()).__name__ == "ToolsListChanged"
                with anyio.move_on_after(0.2):
                    await client.call_tool("wait", {})
                with anyio.fail_after(60):
                    assert (await changes.__anext__()).uri == "demo://text/2"
        else:
            await client.send_ping()
            await client.subscribe_resource("demo://text/2")
            await refused(client.subscribe_resource("demo://no"), -32002)
            await client.call_tool("grow", {"name": "grown"})
            with anyio.move_on_after(0.2):
                await client.call_tool("wait", {})
            with anyio.fail_after(60):
                while "notifications/resources/updated" not in heard:
                    await anyio.sleep(0.02)
            assert "notifications/tools/list_changed" in heard, heard
            await client.unsubscribe_resource("demo://text/2")
        result = await client.call_tool("grown", {})
        assert result.content[0].text == "grown", result


anyio.run(main)
print("all as it should be")
