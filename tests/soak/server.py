"""The app as a child process that can be killed, and the wire to it that can be cut; both on 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from verifier import pipeline
from verifier.config import load_settings
from verifier.domain import Annotation

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 120
"""A machine under load takes a while to import everything."""


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Home:
    """A folder with a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = load_settings(environ={}, overrides={"home": str(folder)})

    def ingest(self, paths: list[Path], **options: str) -> None:
        """Take texts in, without an index: labelling needs none."""
        from verifier.ingest import IngestOptions

        services = pipeline.open_services(self.settings)
        try:
            pipeline.ingest(services, paths, options=IngestOptions(**options))
        finally:
            services.close()

    def texts(self) -> dict[str, str]:
        """Give the frozen text of each document, by its id."""
        services = pipeline.open_services(self.settings)
        try:
            return {one.document_id: one.text for one in services.store.documents()}
        finally:
            services.close()

    def labels(self) -> tuple[list[Annotation], list[str]]:
        """Give the labels that stand, and what is wrong with the log."""
        services = pipeline.open_services(self.settings)
        try:
            return services.store.annotations(), services.store.verify_annotations()
        finally:
            services.close()


class Server:
    """The app on a port of its own; nothing but this child is ever killed."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = free_port()
        self.fate = home.folder / "fate"
        self.log = home.folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("VERIFIER_", "STREAMLIT_"))
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "soak.serve", "--server.port", str(self.port)],
                cwd=ROOT,
                env={
                    **kept,
                    "VERIFIER_HOME": str(self.home.folder),
                    "SOAK_FATE": str(self.fate),
                    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
                    "OMP_NUM_THREADS": "1",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        message = f"The app did not start: {self.log.read_text(encoding='utf-8', errors='replace')}"
        raise AssertionError(message)

    @property
    def dead(self) -> bool:
        """Whether it has ended, by its own hand too."""
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=20)
            self.process = None

    def doom(self, when: str) -> None:
        """Have it kill itself ``before``, ``within`` or ``after`` the next commit."""
        written = self.fate.with_suffix(".new")
        written.write_text(when, encoding="utf-8")
        written.replace(self.fate)

    def reprieve(self) -> None:
        """Take back a fate that no commit has met."""
        self.fate.unlink(missing_ok=True)

    def deaths(self) -> list[str]:
        """List by which of the three it has killed itself so far."""
        path = self.fate.with_name("deaths")
        return path.read_text(encoding="utf-8").split() if path.exists() else []


class Wire:
    """A relay between browsers and the app: ``cut`` breaks every connection and refuses new ones, ``hold`` lets nothing through and breaks nothing."""

    def __init__(self, to_port: int) -> None:
        self.to_port = to_port
        self.port = 0
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self._ready.wait(timeout=10)

    def cut(self) -> None:
        """Break it."""

        def act() -> None:
            self._whole = False
            for end in self._ends:
                end.transport.abort()

        self._loop.call_soon_threadsafe(act)

    def hold(self) -> None:
        """Let nothing through, as a sleeping wireless network does."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def mend(self) -> None:
        """Make it whole again."""

        def act() -> None:
            self._whole = True
            self._flows.set()

        self._loop.call_soon_threadsafe(act)

    def close(self) -> None:
        """Take it away."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(timeout=20)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._flows, self._over = asyncio.Event(), asyncio.Event()
        self._flows.set()
        listening = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        listening.close()
        for end in self._ends:
            end.transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            if not self._whole:
                return
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
            ends.append(up_writer)
            self._ends.update(ends)
            await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._ends.difference_update(ends)
            for end in ends:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
