"""Fixtures that several test modules share: settings in a temporary home, services with stand-in models, no network."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import HashingEncoder, KeywordStance

from verifier import pipeline
from verifier.config import load_settings
from verifier.store import open_store

_real_connect = socket.socket.connect


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Let tests reach this machine only."""

    def connect(self, address):
        if self.family == getattr(socket, "AF_UNIX", None) or str(address[0]) in {
            "127.0.0.1",
            "::1",
            "localhost",
        }:
            return _real_connect(self, address)
        message = f"A test tried to reach {address!r}; tests run without a network."
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def now():
    return datetime(2031, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    """Settings whose every folder lies in a temporary home, untouched by the environment."""
    return load_settings(
        environ={}, overrides={"home": str(tmp_path / "home"), "retrieve.min_similarity": 0.2}
    )


@pytest.fixture
def services(settings):
    """Services over an empty store, with stand-ins for both models."""
    opened = pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(256),
        stance_model=KeywordStance(),
    )
    yield opened
    opened.close()


@pytest.fixture
def repository():
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent
