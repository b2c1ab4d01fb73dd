"""The profile `core` of docker/compose.yml in this engine, by docker-compose, on the host's network."""

import json
import pathlib
import re
import socket
import urllib.request

import yaml

from engine import program
from images import CDB, POSTGRES, REDIS, REPOSITORY
from report import Failed, eventually, require

# In the order of the flow, the gate first: so they are stopped.
STAGES = ["cdb_ws", "cdb_core", "cdb_risk", "cdb_execution", "cdb_db_writer"]
OURS = ["cdb_gate", *STAGES]
SERVERS = ["postgres", "redis"]
PORTS = {
    "cdb_ws": 8000, "cdb_core": 8001, "cdb_risk": 8002, "cdb_execution": 8003, "cdb_gate": 8004,
    "cdb_db_writer": 8010, "redis": 6379, "postgres": 5432,
}


def free_ports(names):
    """A free port of loopback for each; all are held until all are known, so that they differ."""
    held = {name: socket.socket() for name in names}
    try:
        for one in held.values():
            one.bind(("127.0.0.1", 0))
        return {name: one.getsockname()[1] for name, one in held.items()}
    finally:
        for one in held.values():
            one.close()


def on_host_network(compose, ports):
    """The same file for an engine without bridges: every container in the host's network, at free ports of loopback.

    Only what is said of the network changes: networks and published ports go, `0.0.0.0` becomes loopback, the services' names
    stand for loopback, and their ports become free ones. Images are not built by compose.
    """
    numbers = {str(PORTS[name]): str(port) for name, port in ports.items()}
    pattern = re.compile(r"\b(" + "|".join(numbers) + r")\b")

    def moved(value):
        if isinstance(value, str):
            return pattern.sub(lambda found: numbers[found[0]], value.replace("0.0.0.0", "127.0.0.1"))
        if isinstance(value, list):
            return [moved(entry) for entry in value]
        if isinstance(value, dict):
            return {key: moved(entry) for key, entry in value.items()}
        return value

    services = {}
    for name, service in compose["services"].items():
        service = {key: value for key, value in service.items() if key not in ("networks", "ports", "build")}
        for key in ("command", "environment", "healthcheck"):
            if key in service:
                service[key] = moved(service[key])
        service["network_mode"] = "host"
        service["extra_hosts"] = {other: "127.0.0.1" for other in compose["services"]}
        services[name] = service
    return {"services": services, "volumes": compose["volumes"], "secrets": compose["secrets"]}


class Stack:
    def __init__(self, engine, folder):
        self.engine = engine
        self.folder = pathlib.Path(folder)
        self.ports = free_ports(PORTS)
        self.secrets = self.folder / "secrets"
        self.source = REPOSITORY / "docker/compose.yml"
        self.compose = yaml.safe_load(self.source.read_text())

    def prepare(self, settings):
        self.engine.run([REPOSITORY / "docker/secrets.sh", self.secrets])
        configuration = self.folder / "cdb.yml"
        configuration.write_text(yaml.safe_dump(settings))
        derived = self.folder / "compose.yml"
        derived.write_text(yaml.safe_dump(on_host_network(self.compose, self.ports), sort_keys=False))
        self.engine.environment |= {
            "STACK_IMAGE": CDB, "STACK_POSTGRES_IMAGE": POSTGRES, "STACK_REDIS_IMAGE": REDIS,
            "STACK_SECRETS": str(self.secrets), "STACK_CONFIG": str(configuration), "COMPOSE_PROFILES": "core",
        }
        # cdb in the containers takes its settings from the file alone.
        for name in [name for name in self.engine.environment if name.startswith("CDB_")]:
            del self.engine.environment[name]

    def client(self, *arguments, **options):
        return self.engine.run(
            [program("docker-compose"), "--project-directory", REPOSITORY / "docker", "-f", self.folder / "compose.yml",
             *arguments], **options)

    def up(self, within=240):
        """Starts all of it, each once the ones that it depends on are healthy."""
        try:
            self.client("up", "-d", "--no-build", within=within)
        except Failed as error:
            raise Failed(f"{error}\n{self.told()}") from None

    def told(self):
        """How each container is, and what it said last."""
        names = self.engine.docker("ps", "-a", "--format", "{{.ID}} {{.Names}} {{.Status}}").splitlines()
        return "\n".join(f"{name}: {self.engine.docker('logs', '--tail', '4', name.split()[0])[-1200:]}" for name in names)

    def name(self, service):
        found = self.engine.docker(
            "ps", "-aq", "--no-trunc", "--filter", f"label=com.docker.compose.service={service}")
        require(len(found.split()) == 1, f"there is not one container of {service}: {found!r}")
        return found

    def inspect(self, service):
        return self.engine.inspect(self.name(service))

    def is_healthy(self, service):
        state = self.inspect(service)["State"]
        return state["Running"] and state["Health"]["Status"] == "healthy"

    def wait_healthy(self, services, within):
        for service in services:
            try:
                eventually(f"{service} is healthy", lambda: self.is_healthy(service), within)
            except Failed as error:
                state = self.inspect(service)["State"]
                log = self.engine.docker("logs", "--tail", "5", self.name(service))
                probes = [entry["Output"][-200:] for entry in (state.get("Health") or {}).get("Log", [])[-1:]]
                raise Failed(f"{error}; {state['Status']}, exit {state['ExitCode']}, probe {probes}, log {log[-900:]}")

    def processes(self, service):
        """The pids of a container's processes, on the host."""
        return [int(line) for line in self.engine.docker("top", self.name(service), "-eo", "pid").split()[1:]]

    def get(self, service, path):
        address = f"http://127.0.0.1:{self.ports[service]}{path}"
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)

    def volume(self, name):
        return pathlib.Path(json.loads(self.engine.docker("volume", "inspect", f"cdb_{name}"))[0]["Mountpoint"])

    def sql(self, text, user="cdb_reader", secret="reader_password", check=True):
        """An answer of the store's database, asked inside of its container."""
        command = (
            f'PGPASSWORD="$(cat /run/secrets/{secret})" '
            f'exec psql -h 127.0.0.1 -p {self.ports["postgres"]} -U {user} -d cdb -v ON_ERROR_STOP=1 -tAc "$0"')
        return self.engine.run(
            [program("docker"), "exec", self.name("postgres"), "sh", "-c", command, text], check=check, within=30)

    def count(self, table):
        return int(self.sql(f"SELECT count(*) FROM {table}").stdout)

    def secret_values(self):
        return {path.name: path.read_text().strip() for path in self.secrets.iterdir() if path.name != "redis_acl"}
