"""Measured quality does not fall below its floors, and floors do not fall unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate import (
    CHANGELOG,
    FIGURES,
    RERANKED,
    RERANKED_CLAIMS,
    FloorError,
    Pinned,
    drawn,
    measure,
    read_floors,
    read_sets,
    shortfalls,
    unexplained,
    updated,
    write_floors,
)

PINNED = read_floors()
HELD = sorted({name.rpartition(" / ")[0] for name in PINNED.floors})
NAME = "gold / macro-F1 / all"


@pytest.fixture(scope="module")
def sets():
    return read_sets()


@pytest.fixture(scope="module")
def measured(sets):
    return measure(sets)


@pytest.mark.model
@pytest.mark.quality
@pytest.mark.parametrize("held", HELD)
def test_quality_reaches_its_floors_in_every_language(measured, held):
    assert shortfalls(PINNED, measured, lambda name: name.startswith(f"{held} / ")) == []


def test_floors_were_measured_on_these_very_sets(sets):
    found = {name: labelled.sha256 for name, labelled in sets.items()}
    assert found == PINNED.sets, "a set was changed: run tests/quality/update_floors.py"


def test_every_language_has_a_floor_for_every_figure():
    languages = (
        {"all"} | {f"{tag}<all" for tag in ("en", "uk", "ru")} | {f"all<{tag}" for tag in ("en", "uk", "ru")}
    )
    for task, name in (
        ("stance", "gold"),
        ("stance", "minimal pairs"),
        ("retrieval", "gold"),
        ("retrieval", RERANKED),
    ):
        for figure in FIGURES[task]:
            own = {n.rpartition(" / ")[2] for n in PINNED.floors if n.startswith(f"{name} / {figure} / ")}
            assert languages <= own, (name, figure)


def test_every_lowered_floor_is_explained_in_the_changelog():
    assert unexplained(PINNED, CHANGELOG.read_text(encoding="utf-8")) == []


def test_nothing_of_the_sets_was_refused_and_the_pairs_are_balanced(sets):
    assert [labelled.refused for labelled in sets.values()] == [()] * len(sets)
    counts: dict[str, int] = {}
    for pair in sets["minimal pairs"].pairs:
        counts[pair.languages] = counts.get(pair.languages, 0) + 1
    assert len(counts) == 9
    assert max(counts.values()) == min(counts.values()) == 10


def test_floors_are_raised_to_a_margin_below_what_was_measured():
    fresh = updated(Pinned(floors={NAME: 0.4}), {NAME: 0.6}, {"gold": "d"}, lower=False, why="")
    assert fresh.floors == {NAME: pytest.approx(0.575)}
    assert (fresh.lowered, fresh.sets) == ((), {"gold": "d"})


def test_a_new_figure_gets_a_floor_without_leave():
    fresh = updated(
        Pinned(floors={NAME: 0.5}), {NAME: 0.5, f"{RERANKED} / MRR / all": 0.75}, {}, lower=False, why=""
    )
    assert fresh.floors == {NAME: 0.5, f"{RERANKED} / MRR / all": pytest.approx(0.7)}
    assert fresh.lowered == ()


def test_the_same_claims_of_each_language_are_re_ranked(sets):
    part = drawn(sets["gold"])
    assert part == drawn(sets["gold"])
    languages = [query.language for query in part.queries]
    assert {tag: languages.count(tag) for tag in languages} == dict.fromkeys(
        ("en", "uk", "ru"), RERANKED_CLAIMS
    )
    assert all(query.relevant for query in part.queries)
    assert part.pools == sets["gold"].pools, "they are sought in the whole corpus"


def test_a_floor_that_is_still_reached_stays():
    fresh = updated(Pinned(floors={NAME: 0.595}), {NAME: 0.6}, {}, lower=True, why="whatever")
    assert (fresh.floors, fresh.lowered) == ({NAME: 0.595}, ())


@pytest.mark.parametrize(("lower", "why"), [(False, "a reason"), (True, " "), (False, "")])
def test_a_floor_falls_only_with_leave_and_a_reason(lower, why):
    with pytest.raises(FloorError, match=r"0\.7, measured 0\.600"):
        updated(Pinned(floors={NAME: 0.7}), {NAME: 0.6}, {}, lower=lower, why=why)


def test_a_figure_that_is_gone_counts_as_lowered():
    with pytest.raises(FloorError, match="not measured any more"):
        updated(Pinned(floors={NAME: 0.7}), {}, {}, lower=False, why="")
    fresh = updated(Pinned(floors={NAME: 0.7}), {}, {}, lower=True, why="the set was dropped")
    assert [entry["to"] for entry in fresh.lowered] == [None]


def test_a_lowered_floor_asks_for_its_line_in_the_changelog(tmp_path: Path):
    fresh = updated(Pinned(floors={NAME: 0.7}), {NAME: 0.6}, {"gold": "d"}, lower=True, why="smaller model")
    write_floors(fresh, tmp_path / "floors.yaml")
    again = read_floors(tmp_path / "floors.yaml")
    assert again == fresh
    assert unexplained(again, "- Faster start.\n- A smaller model is shipped.") == [f"{NAME}: smaller model"]
    assert unexplained(again, "- Lowered floors of the quality gate: smaller model") == []


def test_what_falls_short_is_named_with_its_figures():
    assert shortfalls(Pinned(floors={NAME: 0.7}), {NAME: 0.6}) == [f"{NAME}: floor 0.7, measured 0.600"]
    assert shortfalls(Pinned(floors={NAME: 0.7}), {NAME: 0.7}) == []
