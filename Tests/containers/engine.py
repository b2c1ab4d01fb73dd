"""A Docker engine of its own: nothing of it is shared with one that runs on the machine, and nothing of it stays."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from report import Failed, eventually

# With these it touches neither firewall nor bridges nor routes.
QUIET_NETWORK = [
    "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none",
]


def program(name):
    """A program of the distribution, before others of the same name."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") or shutil.which(name)
    if not found:
        raise Failed(f"{name} is not installed")
    return found


class Engine:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.socket = f"unix://{self.folder}/socket"
        self.cgroup = f"cdb-containers-{os.getpid()}"
        self.environment = {
            **os.environ, "DOCKER_HOST": self.socket, "DOCKER_CONFIG": str(self.folder / "client"),
            "DOCKER_BUILDKIT": "0", "DOCKER": program("docker"), "COMPOSE_PROJECT_NAME": "cdb",
        }
        self.process = None

    def start(self):
        (self.folder / "daemon.json").write_text("{}")
        (self.folder / "client").mkdir()
        with open(self.folder / "dockerd.log", "wb") as log:
            self.process = subprocess.Popen(
                [program("dockerd"), "--config-file", self.folder / "daemon.json", "--host", self.socket,
                 "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
                 "--pidfile", self.folder / "pid", "--cgroup-parent", "/" + self.cgroup, *QUIET_NETWORK],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

        def answers():
            if self.process.poll() is not None:
                log = (self.folder / "dockerd.log").read_text(errors="replace")
                raise RuntimeError("the Docker engine does not start: " + log[-1500:])
            return self.run([program("docker"), "version"], check=False).returncode == 0

        eventually("the engine answers", answers, within=60)

    def run(self, command, within=120, check=True, **options):
        """Runs a client of this engine to its end, with its output as text."""
        try:
            done = subprocess.run(
                [str(word) for word in command], env=self.environment, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=within,
                **options)
        except subprocess.TimeoutExpired:
            raise Failed(f"not done within {within} s: {command}") from None
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout[-2500:]}")
        return done

    def docker(self, *arguments, **options):
        return self.run([program("docker"), *arguments], **options).stdout.strip()

    def inspect(self, name):
        return json.loads(self.docker("inspect", name))[0]

    def stop(self):
        """Ends the engine and all that it runs; nothing is left to be ended by others."""
        if self.process is None:
            return
        containers = self.run([program("docker"), "ps", "-aq"], check=False).stdout.split()
        if containers and self.process.poll() is None:
            self.run([program("docker"), "rm", "-fv", *containers], check=False)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # The engine leaves the name of the host's network mounted, for its next start.
        if str(self.folder / "exec/netns/default") in self.mounts():
            subprocess.run(["umount", self.folder / "exec/netns/default"], check=False)

    def processes(self):
        """What runs with the engine's folder in its command line: engine, containerd, and its shims."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.folder) in line and int(entry.name) != os.getpid():
                found.append((int(entry.name), line.strip()))
        return found

    def mounts(self):
        table = pathlib.Path("/proc/self/mountinfo").read_text()
        return [line.split()[4] for line in table.splitlines() if str(self.folder) in line.split()[4]]

    def cgroups(self):
        """The groups that containers have left behind."""
        root = pathlib.Path("/sys/fs/cgroup")
        parents = [p for pattern in (self.cgroup, f"*/{self.cgroup}") for p in root.glob(pattern)]
        return parents, [str(child) for parent in parents for child in parent.iterdir() if child.is_dir()]

    def clear(self):
        """Takes away by force what an end in order would not have left."""
        for pid, _ in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for mount in sorted(self.mounts(), reverse=True):
            subprocess.run(["umount", "--lazy", mount], check=False)
        parents, children = self.cgroups()
        for path in children + [str(parent) for parent in parents]:
            try:
                os.rmdir(path)
            except OSError:
                time.sleep(0.1)
        if not self.mounts():
            shutil.rmtree(self.folder, ignore_errors=True)
