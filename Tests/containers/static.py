"""What can be said of the files without an engine, by checkers that are not ours."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

from engine import program
from images import REPOSITORY
from report import require
from stack import OURS, PORTS, SERVERS

TOOLS = pathlib.Path(sys.executable).parent


def tool(name, *arguments):
    done = subprocess.run(
        [TOOLS / name, *map(str, arguments)], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=60)
    require(done.returncode == 0, f"{name} ended with {done.returncode}: {done.stdout[-2500:]}")
    return done.stdout.strip()


def compose_is_valid():
    return tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", REPOSITORY / "docker/compose.yml")


def compose_is_safe():
    # A copy: the linter judges the paths of mounts by where the checkout lies, such as in root's home.
    with tempfile.TemporaryDirectory(prefix="compose.") as folder:
        copy = shutil.copy(REPOSITORY / "docker/compose.yml", folder)
        found = tool("compose-lint", "--fail-on", "high", copy)
    return found.splitlines()[-1]


def compose_is_understood():
    """By an old docker-compose as well, with every default."""
    done = subprocess.run(
        [program("docker-compose"), "-f", REPOSITORY / "docker/compose.yml", "--profile", "core", "config", "--services"],
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    require(done.returncode == 0, done.stdout[-1500:])
    require(set(done.stdout.split()) == set(OURS + SERVERS), f"services: {done.stdout.split()}")


def dockerfiles_are_clean():
    return tool(
        "hadolint", REPOSITORY / "docker/Dockerfile", REPOSITORY / "Tests/containers/servers.Dockerfile") or "no finding"


def every_service_is_hardened():
    services = yaml.safe_load((REPOSITORY / "docker/compose.yml").read_text())["services"]
    require(set(services) == set(OURS + SERVERS) == set(PORTS), f"services: {sorted(services)}")
    for name, service in services.items():
        require(service["profiles"] == ["core"], f"{name}: {service.get('profiles')}")
        require(service["read_only"] is True and service["cap_drop"] == ["ALL"], f"{name} is not hardened")
        require(not service.get("cap_add") and not service.get("privileged"), f"{name} has privileges")
        for key in ("user", "restart", "healthcheck", "mem_limit", "memswap_limit", "cpus", "pids_limit", "logging"):
            require(key in service, f"{name} has no {key}")
        require(re.search(r":[0-9][^}]*\}?$", service["image"]), f"{name}: the image {service['image']} has no version")


def defaults_are_documented():
    """Every variable of the compose file stands in .env.example with the same default, and no other does."""
    text = (REPOSITORY / "docker/compose.yml").read_text()
    used = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", text))
    said = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (REPOSITORY / "docker/.env.example").read_text(), re.MULTILINE))
    require(used == said, f"they differ: {set(used.items()) ^ set(said.items())}")
    dockerfile = (REPOSITORY / "docker/Dockerfile").read_text()
    for name in ("BUILD_IMAGE", "BASE_IMAGE"):
        require(f"ARG {name}={used['STACK_' + name]}\n" in dockerfile, f"{name} differs from the Dockerfile's")
    return f"{len(used)} variables"


def binary_is_self_contained(binary):
    """It needs nothing of the Swift toolchain, and no library that the image does not install."""
    needed = subprocess.run(["ldd", binary], text=True, stdout=subprocess.PIPE, check=True).stdout
    require("swift" not in needed and "not found" not in needed, f"it needs {needed}")
    return f"{binary.stat().st_size / 1e6:.0f} MB with symbols"


def run(report, binary):
    report.check("compose.yml is valid by the compose specification", compose_is_valid)
    report.check("compose.yml has no grave finding of compose-lint", compose_is_safe)
    report.check("compose.yml is understood by docker-compose", compose_is_understood)
    report.check("the Dockerfiles have no finding of hadolint", dockerfiles_are_clean)
    report.check("every service is hardened, limited, pinned and checked", every_service_is_hardened)
    report.check(".env.example has every variable with its default", defaults_are_documented)
    report.check("the binary brings the Swift runtime along", lambda: binary_is_self_contained(binary))
