"""No label is ever lost: the real app is killed, cut off and closed at seeded moments while people label in a real browser.

Three rounds here; ``make soak`` plays fifty.
"""

from __future__ import annotations

import socket

import pytest

pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

from soak import people, rounds
from soak.server import Wire


@pytest.fixture(scope="module")
def browser():
    with rounds.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return rounds.prepare(tmp_path_factory.mktemp("prepared"))


@pytest.mark.parametrize("seed", [101, 102, 103])
@pytest.mark.browser
@pytest.mark.skipif(
    people.CHROMIUM is None, reason="the browser tests need chromium; install the package chromium"
)
def test_every_label_stands_exactly_once_whatever_dies_or_breaks(seed, browser, prepared, tmp_path):
    result = rounds.play(seed, browser, prepared, tmp_path / "home", labels=8, incidents=2)
    assert result.deaths["after"] >= 1  # between commit and answer, or nothing was tested
    assert result.given >= 8
    assert (result.lost, result.doubled, result.damage) == ([], [], []), result.unsettled


# --- and the instruments themselves


def given(start, label="Loaded language"):
    return people.Given("quill", start, start + 4, "word", label)


def counted(told, standing):
    result = rounds.Result(seed=1)
    rounds.count(result, set(told), standing)
    return result


def test_what_was_told_and_does_not_stand_is_lost():
    result = counted([given(0), given(9)], [given(9)])
    assert (result.lost, result.doubled, result.given) == ([given(0)], [], 2)


def test_what_stands_twice_or_was_never_told_is_doubled():
    result = counted([given(0)], [given(0), given(0), given(5)])
    assert (result.lost, result.doubled) == ([], [given(0), given(5)])


def test_another_place_or_label_is_lost_and_doubled_at_once():
    result = counted([given(0), given(9)], [given(1), given(9, "Hedge")])
    assert (result.lost, result.doubled) == ([given(0), given(9)], [given(1), given(9, "Hedge")])


@pytest.fixture
def wire():
    with socket.create_server(("127.0.0.1", 0)) as far:
        wire = Wire(far.getsockname()[1])
        yield wire, far
        wire.close()


def _broken(near):
    try:
        return near.recv(10) == b""
    except ConnectionError:
        return True


def test_a_wire_carries_breaks_and_is_mended(wire):
    wire, far = wire
    far.settimeout(10)
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as near:
        near.sendall(b"one")
        end, _ = far.accept()
        with end:
            assert end.recv(10) == b"one"
            wire.cut()
            assert _broken(near)
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as near:
        assert _broken(near)
    wire.mend()
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as near:
        near.sendall(b"two")
        end, _ = far.accept()
        with end:
            assert end.recv(10) == b"two"


def test_a_wire_on_hold_lets_nothing_through_and_loses_nothing(wire):
    wire, far = wire
    far.settimeout(10)
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as near:
        near.sendall(b"one")
        end, _ = far.accept()
        with end:
            end.settimeout(10)
            assert end.recv(10) == b"one"
            wire.hold()
            near.sendall(b"two")
            end.settimeout(0.3)
            with pytest.raises(TimeoutError):
                end.recv(10)
            wire.mend()
            end.settimeout(10)
            assert end.recv(10) == b"two"
