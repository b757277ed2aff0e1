"""Starts the real app with one thing added: it can be told to kill itself around a commit, at moments that no signal from outside would hit.

The file that ``SOAK_FATE`` names says when, in one word, and is used up by the next commit of labels: ``before`` it, ``within`` its transaction,
or ``after`` it, when the labels are stored and nobody has been told.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import sqlalchemy as sa
from streamlit.web import cli

from verifier.store.annotations import AnnotationLog

APP = Path(__file__).resolve().parents[2] / "app.py"

_fate = Path(os.environ["SOAK_FATE"])
_now = threading.local()
_commit_ops = AnnotationLog.commit_ops


def _die(when: str) -> None:
    with _fate.with_name("deaths").open("a", encoding="utf-8") as deaths:
        deaths.write(f"{when}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def _drawn() -> str:
    """Take the fate that was written, so that the next process lives on."""
    try:
        when = _fate.read_text(encoding="utf-8").strip()
        _fate.unlink()
    except FileNotFoundError:
        return ""
    return when


def commit_ops(self: AnnotationLog, ops):
    """Commit as the app does, and die on the way if that is what was written."""
    _now.within = False
    when = _drawn() if ops else ""
    if when == "before":
        _die(when)
    _now.within = when == "within"
    stored = _commit_ops(self, ops)
    _now.within = False
    if when:
        _die("after")
    return stored


@sa.event.listens_for(sa.Engine, "commit")
def _committing(_connection: sa.Connection) -> None:
    if getattr(_now, "within", False):
        _die("within")


if __name__ == "__main__":
    AnnotationLog.commit_ops = commit_ops
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()
