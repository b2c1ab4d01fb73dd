"""The image and docker/compose.yml in a real Docker engine. Started by run.sh with the binary to put into the image."""

import os
import pathlib
import signal
import sys
import tempfile

import checks
import static
from engine import Engine
from images import REPOSITORY, Images
from report import Failed, Report
from stack import OURS, SERVERS, STAGES, Stack

# What all six services are set to: barriers and looks often, so that a test need not wait for them.
SETTINGS = {"pipeline": {"barrier_interval": "1s"}, "bus": {"lease": "3s"}}


def interrupted(number, _):
    raise SystemExit(f"containers: ended by signal {number}")


def run(report, engine, binary, cache):
    images = Images(engine, cache, report)
    images.prepare()
    images.build(binary)
    report.say("image built")
    report.check("the image is small", lambda: checks.size(images))
    report.check("the image says who it is and runs alone", lambda: checks.image_settings(engine))
    report.check("a limit of memory is enforced", lambda: checks.out_of_memory(engine))

    stack = Stack(engine, engine.folder)
    stack.prepare(SETTINGS)
    stack.up()
    report.say("started")
    if not report.check("all services become healthy", lambda: stack.wait_healthy(OURS + SERVERS, 120)):
        return
    if not report.check("orders are filled", lambda: checks.trades(stack)):
        return
    report.check("the readers' role reads and does nothing else", lambda: checks.reader_only_reads(stack))
    report.check("no process is root's", lambda: checks.nobody_is_root(stack))
    report.check("no process has a capability", lambda: checks.no_capabilities(stack))
    report.check("the root file systems are read-only", lambda: checks.root_is_read_only(stack))
    report.check("limits are those of the file", lambda: checks.limits_are_set(stack))
    report.check("everything listens on loopback alone", lambda: checks.ports_are_local(stack))
    report.check("logs are rotated and kept in their volume", lambda: checks.log_rotation(stack))
    for service in [*STAGES, "cdb_gate", *SERVERS]:
        report.check(f"{service} is killed and comes again", lambda: checks.restarted(stack, service))
    report.check("docker kill stays until a start", lambda: checks.killed_by_hand(stack, "cdb_core"))
    report.check("all services are healthy after the kills", lambda: stack.wait_healthy(OURS + SERVERS, 90))
    report.check("orders are filled after the kills", lambda: checks.trades_on(stack))
    report.check("commands are answered in the gate's container", lambda: checks.commands(stack))
    report.check("secrets stay secret", lambda: checks.secrets_stay_secret(stack))
    for service in OURS:
        report.check(f"{service} stops in order", lambda: checks.stop(stack, service))
        if service == "cdb_ws":
            report.check("what ws took is in the store", lambda: checks.drained(stack))
    report.check("signals, orders and fills are in the store", lambda: checks.store_was_made(stack))
    report.check(
        "the store is that of a run without kills", lambda: checks.same_store(stack, engine))
    for service in SERVERS:
        report.check(f"{service} stops in order", lambda: checks.stop(stack, service))
    stack.client("down", "--volumes", within=120)


def fail(error):
    raise Failed(str(error))


def left_behind(engine):
    """The engine ends in order, and leaves nothing."""
    containers = engine.docker("ps", "-aq")
    if containers:
        raise Failed(f"containers are left: {containers.split()}")
    engine.stop()
    code = engine.process.returncode
    _, groups = engine.cgroups()
    for what, left in (("processes", engine.processes()), ("mounts", engine.mounts()), ("control groups", groups)):
        if left:
            raise Failed(f"{what} are left: {left}")
    if code != 0:
        raise Failed(f"the engine ended with {code}")


def main():
    binary = pathlib.Path(sys.argv[1])
    cache = os.environ.pop("CONTAINERS_CACHE", None) or REPOSITORY / ".build/containers"
    signal.signal(signal.SIGTERM, interrupted)
    report = Report()
    static.run(report, binary)
    engine = Engine(tempfile.mkdtemp(prefix="cdb-containers."))
    engine.folder.chmod(0o711)
    try:
        try:
            engine.start()
        except RuntimeError as error:
            if os.environ.get("CI") != "true":
                print(f"containers: {error}; skipped", flush=True)
                return 0
            report.check("the engine starts", lambda: fail(error))
            return report.end()
        report.say("engine started")
        try:
            run(report, engine, binary, cache)
        except Failed as error:
            report.check("the run comes to its end", lambda: fail(error))
        report.check("nothing is left", lambda: left_behind(engine))
    finally:
        engine.stop()
        engine.clear()
    report.say("done")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
