"""What is asked of the running set, one function a question. Each gives a figure for the report or raises `Failed`."""

import os
import pathlib
import signal
import time

from images import CDB
from report import Failed, eventually, require
from stack import OURS, SERVERS

# The goal is 120 MB beyond the base.
LARGEST_IMAGE = 120_000_000


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.split() for key, _, value in (line.partition(":") for line in lines)}


def of_processes(stack, service, look):
    """What a look at each process of a container gives. A health check may end meanwhile; the main process must be there."""
    main = stack.inspect(service)["State"]["Pid"]
    seen = {}
    for pid in {main, *stack.processes(service)}:
        try:
            seen[pid] = look(pid)
        except (FileNotFoundError, ProcessLookupError):
            require(pid != main, f"{service} has ended")
    return list(seen.values())


def size(images):
    base, beyond, binary = images.size()
    require(beyond <= LARGEST_IMAGE, f"{beyond / 1e6:.1f} MB beyond the base, more than {LARGEST_IMAGE / 1e6:.0f} MB")
    return f"{beyond / 1e6:.1f} MB beyond the base of {base / 1e6:.1f} MB, {binary / 1e6:.1f} MB of it the binary"


def image_settings(engine):
    """What the image itself says, for who runs it without the compose file."""
    settings = engine.inspect(CDB)["Config"]
    require(settings["User"] == "10001:10001", f"user {settings['User']!r}")
    require(settings["Entrypoint"] == ["/usr/local/bin/cdb"], f"entry point {settings['Entrypoint']}")
    require(settings["Healthcheck"]["Test"] == ["CMD", "/usr/local/bin/cdb", "health"], f"{settings['Healthcheck']}")
    labels = {key.removeprefix("org.opencontainers.image.") for key in settings["Labels"] or {}}
    missing = {"title", "description", "licenses", "version", "revision"} - labels
    require(not missing, f"labels are missing: {missing}")
    version = engine.docker("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", CDB, "--version")
    return f"version {version.splitlines()[0]}"


def trades(stack, within=180):
    """Orders are filled, as a role that only reads finds in PostgreSQL."""
    started = time.monotonic()
    fills = eventually("a fill is in PostgreSQL", lambda: stack.count("fills"), within, every=1)
    return f"{fills} fills after {time.monotonic() - started:.0f} s"


def trades_on(stack, within=120):
    before = stack.count("fills")
    return f"{before} fills, then {eventually('more fills', lambda: (n := stack.count('fills')) > before and n, within, 1)}"


def reader_only_reads(stack):
    for text in ("CREATE TABLE strange (id int)", "SET default_transaction_read_only = off; DELETE FROM fills"):
        done = stack.sql(text, check=False)
        require(done.returncode != 0, f"cdb_reader may {text!r}")
    wrong = stack.sql("SELECT 1", secret="store_password", check=False)
    require(wrong.returncode != 0 and "authentication" in wrong.stdout, f"a wrong password lets in: {wrong.stdout}")


def nobody_is_root(stack):
    count = 0
    for service in OURS + SERVERS:
        for of in of_processes(stack, service, status):
            ids = of["Uid"] + of["Gid"]
            require("0" not in ids, f"{service} has a process of root: {ids}")
            count += 1
    return f"{count} processes"


def no_capabilities(stack):
    for service in OURS + SERVERS:
        for of in of_processes(stack, service, status):
            held = {name: of[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
            require(not any(int(mask, 16) for mask in held.values()), f"{service}: {held}")
            require(of["NoNewPrivs"] == ["1"], f"{service} may get new privileges")
            require(of["Seccomp"] == ["2"], f"{service} has no filter of system calls")


def root_is_read_only(stack):
    """A write by root fails because of the mount, and not because of the user."""
    for service in OURS + SERVERS:
        for path in ("/strange", "/usr/local/bin/strange", "/etc/strange"):
            done = stack.engine.run(
                [stack.engine.environment["DOCKER"], "exec", "-u", "0", stack.name(service), "touch", path], check=False)
            require(done.returncode != 0, f"{service} could write {path}")
            require("Read-only file system" in done.stdout, f"{service}: {path}: {done.stdout.strip()}")


def limit_file(pid, controller, old, new):
    """The file that the kernel takes a limit from, in either version of control groups."""
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return pathlib.Path("/sys/fs/cgroup") / controller / path.lstrip("/") / old
    return pathlib.Path("/sys/fs/cgroup") / path.lstrip("/") / new


def limits_are_set(stack):
    figures = []
    for service in OURS + SERVERS:
        wanted = int(stack.compose["services"][service]["mem_limit"].removesuffix("m")) << 20
        pid = stack.inspect(service)["State"]["Pid"]
        memory = int(limit_file(pid, "memory", "memory.limit_in_bytes", "memory.max").read_text())
        require(memory == wanted, f"{service}: {memory} bytes instead of {wanted}")
        pids = int(limit_file(pid, "pids", "pids.max", "pids.max").read_text())
        require(pids == stack.compose["services"][service]["pids_limit"], f"{service}: {pids} processes")
        used = int(status(pid)["VmHWM"][0]) // 1024
        figures.append(f"{service} {used} of {wanted >> 20} MiB")
    return "most that was resident: " + ", ".join(figures)


def out_of_memory(engine):
    """A container of the same image that takes more than it may is killed by the kernel, recorded, and started again."""
    name = engine.docker(
        "run", "-d", "--network", "none", "--memory", "12m", "--memory-swap", "12m", "--restart", "on-failure:2",
        "--read-only", "--cap-drop", "ALL", "--tmpfs", "/var/lib/cdb:uid=10001,gid=10001",
        "--tmpfs", "/var/log/cdb:uid=10001,gid=10001",
        CDB, "run")
    try:
        def killed():
            found = engine.inspect(name)
            return found["State"]["OOMKilled"] and found["RestartCount"] >= 1 and found

        try:
            found = eventually("the kernel has killed it and the engine started it again", killed, 30, every=0.1)
        except Failed as error:
            raise Failed(f"{error}: {engine.inspect(name)['State']}, {engine.docker('logs', name)[-500:]}") from None
        past = ["events", "--since", "10m", "--until", "0s", "--format", "{{.Action}}", "--filter", f"container={name}"]
        eventually("the engine has an event of it", lambda: "oom" in engine.docker(*past).split(), 30, every=1)
        return f"killed at 12 MiB, started again {found['RestartCount']} times"
    finally:
        engine.docker("rm", "-f", name)


def sockets(pid):
    """The inodes of a process's sockets."""
    found = set()
    for entry in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{entry}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def ports_are_local(stack):
    for name, service in stack.compose["services"].items():
        for port in service.get("ports", []):
            require(port.startswith("127.0.0.1:"), f"{name} publishes {port}")
        require(("ports" in service) == (name in OURS), f"{name}: published {service.get('ports')}")
    inodes = set()
    for service in OURS + SERVERS:
        inodes.update(*of_processes(stack, service, sockets))
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            # 0A is LISTEN.
            if words[3] == "0A" and words[9] in inodes:
                address, port = words[1].split(":")
                require(address == "0100007F", f"something listens on {address} (port {int(port, 16)})")
                listening.add(int(port, 16))
    expected = set(stack.ports.values())
    require(expected <= listening, f"nobody listens on {expected - listening}")
    return f"{len(listening)} listening sockets"


def log_rotation(stack):
    for service in OURS + SERVERS:
        log = stack.inspect(service)["HostConfig"]["LogConfig"]
        require(log == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "5"}}, f"{service}: {log}")
    files = {path.name for path in stack.volume("logs").iterdir()}
    require(len([name for name in files if name.endswith(".jsonl")]) >= len(OURS), f"the volume of the logs has {files}")


def secrets_stay_secret(stack):
    """No secret is in what the engine tells of containers and images, in any log, or in a process's command line or environment."""
    values = stack.secret_values()
    require(len(values) == 5 and all(len(value) == 64 for value in values.values()), f"secrets: {list(values)}")
    texts = {"the image's history": stack.engine.docker("history", "--no-trunc", CDB)}
    for service in OURS + SERVERS:
        name = stack.name(service)
        texts[f"inspect {service}"] = stack.engine.docker("inspect", name)
        texts[f"logs {service}"] = stack.engine.docker("logs", name)
        for file in ("cmdline", "environ"):
            found = of_processes(stack, service, lambda pid: pathlib.Path(f"/proc/{pid}/{file}").read_text(errors="replace"))
            texts[f"{file} of {service}"] = "".join(found)
    for path in stack.volume("logs").iterdir():
        texts[path.name] = path.read_text(errors="replace")
    for place, text in texts.items():
        for name, value in values.items():
            require(value not in text, f"{name} is in {place}")
    require((stack.secrets.stat().st_mode & 0o777) == 0o700, "others may enter the folder of the secrets")
    return f"{len(values)} secrets, {len(texts)} places"


def restarted(stack, service, within=90):
    """A main process that is killed comes again, and does its work again."""
    before = stack.inspect(service)
    started = time.monotonic()
    os.kill(before["State"]["Pid"], signal.SIGKILL)

    def again():
        now = stack.inspect(service)
        return now["RestartCount"] > before["RestartCount"] and now["State"]["Pid"] not in (0, before["State"]["Pid"])

    eventually(f"{service} runs again", again, within)
    stack.wait_healthy([service], within)
    return f"healthy after {time.monotonic() - started:.0f} s"


def killed_by_hand(stack, service):
    """`docker kill` is a person's decision to the engine: what was killed stays down until somebody starts it."""
    stack.engine.docker("kill", stack.name(service))
    eventually(f"{service} is down", lambda: not stack.inspect(service)["State"]["Running"], 20)
    time.sleep(1)
    require(not stack.inspect(service)["State"]["Running"], "the engine has started it again")
    stack.client("start", service)
    stack.wait_healthy([service], 90)


def commands(stack):
    """Commands are asked inside of the gate's container, where address and token are; the emergency stop is proved there."""
    ask = [stack.engine.environment["DOCKER"], "exec", stack.name("cdb_gate"), "cdb"]
    why = stack.engine.run([*ask, "why"], check=False)
    require(why.returncode in (0, 1), f"cdb why ended with {why.returncode}: {why.stdout[-500:]}")
    stop = stack.engine.run([*ask, "stop", "--reason", "a test of the containers"], check=False)
    require(stop.returncode == 0, f"cdb stop ended with {stop.returncode}: {stop.stdout[-800:]}")
    return why.stdout.splitlines()[0]


def stop(stack, service):
    """Ends a container, with its own grace period; it must not need all of it."""
    grace = int(stack.compose["services"][service]["stop_grace_period"].removesuffix("s"))
    started = time.monotonic()
    stack.engine.docker("stop", "-t", str(grace), stack.name(service), within=grace + 30)
    took = time.monotonic() - started
    state = stack.inspect(service)["State"]
    require(state["ExitCode"] == 0, f"{service} ended with {state['ExitCode']} after {took:.0f} s")
    require(took < grace, f"{service} took {took:.0f} s of {grace} s")
    return f"{took:.1f} s of {grace} s"


def drained(stack):
    """All that ws took has come to the store: the barrier that it put at its end has passed db_writer."""
    folders = [path.name for path in stack.volume("ws_data").glob("snapshots-ws/barrier-*")]
    last = max((int(name.removeprefix("barrier-")) for name in folders), default=0)
    require(last > 0, "ws has no snapshot")

    def passed():
        return any(cut["barrier"] >= last for cut in stack.get("cdb_db_writer", "/api/v1/part")["cuts"])

    eventually(f"barrier {last} is in the store", passed, 90)
    return f"barrier {last}"


def same_store(stack, engine):
    """The store holds what a replay of ws's journal in one process makes, to the bit."""
    run = ["run", "--rm", "--network", "host", "--user", "10001:10001", "--read-only", "--cap-drop", "ALL",
           "--tmpfs", "/tmp", "-v", "cdb_ws_data:/ws:ro", "-v", "again:/var/lib/cdb", "-v", "logs_again:/var/log/cdb",
           "-v", f"{stack.secrets}/store_password:/run/secrets/store_password:ro"]
    engine.docker(*run, CDB, "replay", "/ws/journal", "--data-dir", "/var/lib/cdb/again", within=200)
    answer = engine.docker(
        *run, CDB, "store", "check", f"postgresql://cdb@127.0.0.1:{stack.ports['postgres']}/cdb",
        "/var/lib/cdb/again", "--password-file", "/run/secrets/store_password", within=120)
    return answer.splitlines()[0]


def store_was_made(stack):
    tables = {table: stack.count(table) for table in ("signals", "orders", "fills")}
    require(all(tables.values()), f"{tables}")
    return ", ".join(f"{count} {table}" for table, count in tables.items())
