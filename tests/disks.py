"""A disk of a test's own, that may fill up, fail or lose its power, and the shop's real server on it.

It is mounted in a namespace of its own, which nobody else sees and which ends with its processes: whatever happens
to a test, nothing stays mounted. Small disks in memory need nothing; others need root.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.live_server import ShopServer
from tests.nursery import Nursery
from tests.patience import PATIENCE

NOT_HERE = (
    "This machine lets nobody mount a disk (that needs root, or namespaces for everybody, and xfsprogs and strace, "
    "which bin/check installs), so nothing was tested: "
)


class Disk:
    """What ``setup`` (lines for the shell) mounts at ``place``; a server on it is started through its ``nursery``."""

    def __init__(self, place: Path, *setup: str, module: str = "tests.nursery") -> None:
        place.mkdir(parents=True)
        self.place = place
        alone = ["unshare", "--mount", "--propagation", "private"]
        alone += ["--map-root-user"] if os.geteuid() else []
        script = "\n".join([*setup, "echo mounted", 'exec "$@"'])
        self.nursery = Nursery(*alone, "sh", "-ec", script, "disk", module=module)
        process = self.nursery.begin()
        self.pid = process.pid
        if process.stdout is None or process.stdout.readline() != "mounted\n":
            self.close()
            pytest.fail(NOT_HERE + "; ".join(setup))

    @property
    def seen(self) -> Path:
        """What lies on it, as others see it who are not in its namespace."""
        return Path(f"/proc/{self.pid}/root") / self.place.relative_to("/")

    def do(self, *lines: str) -> str:
        """Run lines for the shell where the disk is mounted; returns what they said."""
        space = ["nsenter", f"--mount=/proc/{self.pid}/ns/mnt"]
        space += [f"--user=/proc/{self.pid}/ns/user"] if os.geteuid() else []
        command = [*space, "sh", "-ec", "\n".join(lines)]
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout

    def fill(self) -> None:
        """Let nothing more fit on it."""
        with (self.seen / "ballast").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def clear(self) -> None:
        """Let things fit on it again."""
        (self.seen / "ballast").unlink()

    def close(self) -> None:
        """End its namespace: no process is left in it that would hold it."""
        if self.nursery.process is not None and self.nursery.process.stdin is not None:
            self.nursery.process.stdin.close()
            self.nursery.process.wait(PATIENCE)


class ServerOn(ShopServer):
    """The shop's server whose data lie in a ``folder`` of such a disk, and its log too if ``with_log``."""

    def __init__(self, disk: Disk, folder: str = "shop", *, with_log: bool = False, **env: str) -> None:
        super().__init__(disk.seen / folder, **env)
        self.nursery = disk.nursery
        self.log = self.log if with_log else disk.place.with_suffix(".log")
        self.env["FAIRSLICE_DATA"] = str(disk.place / folder)

    @property
    def worker(self) -> int:
        """The number of the process that serves."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(found[0]) if found else 0
