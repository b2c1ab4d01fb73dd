"""validate.py SCHEMAS LOG: holds every message of a log of tee.py against the wire schemas of its revision.

Prints how many messages of which definition there were; ends with 1 and the first fault where one does not fit."""
import collections
import json
import sys

import jsonschema

VERSION = "io.modelcontextprotocol/protocolVersion"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
OLD, NEW = "2025-11-25", "2026-07-28"
RESULTS = {
    "initialize": "InitializeResult", "ping": "EmptyResult", "logging/setLevel": "EmptyResult",
    "resources/subscribe": "EmptyResult", "resources/unsubscribe": "EmptyResult", "server/discover": "DiscoverResult",
    "tools/list": "ListToolsResult", "tools/call": "CallToolResult", "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult", "resources/read": "ReadResourceResult",
    "prompts/list": "ListPromptsResult", "prompts/get": "GetPromptResult", "completion/complete": "CompleteResult",
    "subscriptions/listen": "SubscriptionsListenResult",
}
ERRORS = {
    -32700: "ParseError", -32600: "InvalidRequestError", -32601: "MethodNotFoundError", -32602: "InvalidParamsError",
    -32603: "InternalError", -32021: "MissingRequiredClientCapabilityError", -32022: "UnsupportedProtocolVersionError",
}
schemas = {}
methods = {}
for revision in (OLD, NEW):
    with open(f"{sys.argv[1]}/schema-{revision}.json", encoding="utf-8") as file:
        schemas[revision] = json.load(file)
    for name, definition in schemas[revision]["$defs"].items():
        method = definition.get("properties", {}).get("method", {}).get("const")
        if method:
            methods[revision, method] = name

counts = collections.Counter()
validators = {}


def check(value, revision, name, line):
    if name not in schemas[revision]["$defs"]:
        sys.exit(f"{revision} has no {name}: {line}")
    if (revision, name) not in validators:
        schema = {"$schema": schemas[revision]["$schema"], "$defs": schemas[revision]["$defs"], "$ref": f"#/$defs/{name}"}
        validators[revision, name] = jsonschema.Draft202012Validator(schema)
    fault = jsonschema.exceptions.best_match(validators[revision, name].iter_errors(value))
    if fault:
        sys.exit(f"{revision} {name}: {fault.message} at {fault.json_path}: {line}")
    counts[f"{revision} {name}"] += 1


def revision_of(message):
    meta = (message.get("params") or {}).get("_meta") or {}
    return NEW if VERSION in meta or SUBSCRIPTION in meta else OLD


requests = {}
tokens = {}
latest = OLD
with open(sys.argv[2], encoding="utf-8") as file:
    for entry in map(json.loads, file):
        line = entry["line"]
        if "\n" in line or "\r" in line:
            sys.exit(f"a line in a line: {line!r}")
        message = json.loads(line)
        method = message.get("method")
        if entry["from"] == "client":
            revision = revision_of(message) if "id" in message else latest
            if (revision, method) not in methods:
                sys.exit(f"{revision} has no {method}: {line}")
            check(message, revision, methods[revision, method], line)
            if "id" in message:
                latest = revision
                requests[json.dumps(message["id"])] = (revision, method)
                token = (message.get("params") or {}).get("_meta", {}).get("progressToken")
                tokens[json.dumps(token)] = revision
        elif method:
            if "id" in message:
                sys.exit(f"a server asks nothing: {line}")
            revision = revision_of(message)
            if method == "notifications/progress":
                revision = tokens[json.dumps(message["params"]["progressToken"])]
            elif method == "notifications/message":
                revision = latest
            check(message, revision, methods[revision, method], line)
        elif "error" in message:
            revision, _ = requests.get(json.dumps(message.get("id")), (latest, None))
            check(message, revision, "JSONRPCErrorResponse", line)
            special = ERRORS.get(message["error"]["code"])
            if special and special in schemas[revision]["$defs"]:
                # Those of JSON-RPC describe the error alone, and those of the protocol the whole message.
                whole = "jsonrpc" in schemas[revision]["$defs"][special].get("properties", {})
                check(message if whole else message["error"], revision, special, line)
        else:
            revision, method = requests.get(json.dumps(message["id"]), (latest, None))
            if not method:
                sys.exit(f"nobody asked: {line}")
            check(message, revision, "JSONRPCResultResponse", line)
            check(message["result"], revision, RESULTS[method], line)
            if revision == NEW and message["result"].get("resultType") != "complete":
                sys.exit(f"no resultType: {line}")
for name, count in sorted(counts.items()):
    print(count, name)
