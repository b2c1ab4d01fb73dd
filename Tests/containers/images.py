"""The images: a base by debootstrap, the servers of Debian's packages, and cdb's own by docker/image.sh."""

import hashlib
import pathlib
import shutil
import subprocess
import tempfile

from engine import program
from report import Failed

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
BASE = "cdb-test/base:bookworm"
RUNTIME = "cdb-test/runtime:bookworm"
REDIS = "cdb-test/redis:bookworm"
POSTGRES = "cdb-test/postgres:bookworm"
CDB = "cdb-test/cdb:here"
MIRROR = "http://deb.debian.org/debian"


class Images:
    def __init__(self, engine, cache, report):
        self.engine = engine
        self.cache = pathlib.Path(cache)
        self.report = report
        self.cache.mkdir(parents=True, exist_ok=True)

    def prepare(self):
        """All but cdb's own: from the cache, or made and put there."""
        key = hashlib.sha256()
        for path in (REPOSITORY / "docker/Dockerfile", HERE / "servers.Dockerfile", HERE / "postgres-entrypoint.sh"):
            key.update(path.read_bytes())
        kept = self.cache / f"images-{key.hexdigest()[:16]}.tar"
        if kept.exists():
            self.engine.docker("load", "-q", "-i", kept)
            self.report.say("base and servers from the cache")
            return
        base = self.base()
        self.engine.docker("import", base, BASE)
        self.report.say("base imported")
        argument = ["--network", "host", "--build-arg", f"BASE_IMAGE={BASE}"]
        with tempfile.TemporaryDirectory() as empty:
            self.engine.docker(
                "build", "-f", REPOSITORY / "docker/Dockerfile", "--target", "runtime", "-t", RUNTIME, *argument,
                empty, within=400)
        for target, name in (("redis", REDIS), ("postgres", POSTGRES)):
            self.engine.docker(
                "build", "-f", HERE / "servers.Dockerfile", "--target", target, "-t", name, *argument, HERE,
                within=400)
        self.report.say("runtime and servers built")
        for old in self.cache.glob("images-*.tar*"):
            old.unlink()
        # Under its name only once it is whole.
        draft = kept.with_suffix(".tar.draft")
        self.engine.docker("save", "-o", draft, BASE, RUNTIME, REDIS, POSTGRES)
        draft.rename(kept)

    def base(self):
        """A Debian 12 with nothing but its essential packages, as an archive."""
        archive = self.cache / "base.tar"
        if archive.exists():
            return archive
        root = pathlib.Path(tempfile.mkdtemp(prefix="base.", dir=self.cache))
        try:
            # In a mount namespace of its own: what debootstrap mounts is gone with it.
            self.engine.run(
                ["unshare", "--mount", program("debootstrap"), "--variant=minbase", "bookworm", root, MIRROR],
                within=400)
            draft = archive.with_suffix(".draft")
            self.engine.run(
                ["tar", "-C", root, "--one-file-system", "--exclude=./var/cache/apt/archives/*.deb",
                 "--exclude=./var/lib/apt/lists/*", "--exclude=./usr/share/doc/*", "--exclude=./usr/share/man/*",
                 "--exclude=./usr/share/locale/*", "-cf", draft, "."])
            draft.rename(archive)
        finally:
            if not any(str(root) in line for line in pathlib.Path("/proc/self/mountinfo").open()):
                shutil.rmtree(root, ignore_errors=True)
        return archive

    def build(self, binary):
        """cdb's image, of a binary that is built already, as `make image` makes it."""
        done = subprocess.run(
            [REPOSITORY / "docker/image.sh", CDB, "--network", "host", "--build-arg", f"BASE_IMAGE={BASE}",
             "--cache-from", RUNTIME],
            env={**self.engine.environment, "CDB_BINARY": str(binary)}, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        if done.returncode != 0:
            raise Failed(f"docker/image.sh ended with {done.returncode}: {done.stdout[-2500:]}")

    def size(self):
        """Bytes of the base, of what comes on top of it, and of the binary alone."""
        base = self.engine.inspect(BASE)["Size"]
        runtime = self.engine.inspect(RUNTIME)["Size"]
        whole = self.engine.inspect(CDB)["Size"]
        return base, whole - base, whole - runtime
