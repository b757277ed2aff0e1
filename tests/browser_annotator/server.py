"""Starting, killing and starting anew the server of the annotator's test page."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

APP = Path(__file__).resolve().with_name("app.py")
ROOT = APP.parent.parent.parent
STARTS_WITHIN_S = 60


class Server:
    """The test page on a free port, with its file of operations in a folder."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "ops.sqlite3"
        self.log = folder / "log.txt"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("VERIFIER_", "STREAMLIT_"))
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(self.port)],
                cwd=ROOT,
                env={**environment, "ANNOTATOR_DB": str(self.database), "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for _ in range(STARTS_WITHIN_S * 10):
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2):  # noqa: S310  (our own server)
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        message = f"The test page did not start: {self.log.read_text(encoding='utf-8', errors='replace')}"
        raise AssertionError(message)

    def kill(self) -> None:
        """Stop it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=20)
            self.process = None

    def ops(self, doc: str, user: str) -> list[dict]:
        """List the operations that were committed, oldest first."""
        if not self.database.exists():
            return []
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            rows = connection.execute(
                "SELECT body FROM op WHERE document = ? AND annotator = ? ORDER BY seq", (doc, user)
            ).fetchall()
        except sqlite3.OperationalError:  # the page has not been drawn yet
            rows = []
        finally:
            connection.close()
        return [json.loads(body) for (body,) in rows]
