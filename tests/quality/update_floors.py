"""Measure the figures of the quality gate and write their floors anew.

    python tests/quality/update_floors.py
    python tests/quality/update_floors.py --lower --why "the smaller model reads half as much"

Floors are raised to a margin below what was measured, and a figure that had none gets one. Lowering takes ``--lower`` and a reason, and the line for ``CHANGELOG.md`` is printed:
put it there, or the tests fail.
"""
# ruff: noqa: T201  (a script: it prints)

from __future__ import annotations

import argparse
import sys

from gate import FloorError, measure, read_floors, read_sets, updated, write_floors


def main() -> int:
    """Measure, compare, write; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--lower", action="store_true", help="allow floors that are not reached to be lowered"
    )
    parser.add_argument("--why", default="", help="the reason for lowering, as the changelog will tell it")
    options = parser.parse_args()
    sets, pinned = read_sets(), read_floors()
    measured = measure(sets)
    digests = {name: labelled.sha256 for name, labelled in sets.items()}
    try:
        fresh = updated(pinned, measured, digests, lower=options.lower, why=options.why)
    except FloorError as error:
        print(error, file=sys.stderr)
        return 1
    write_floors(fresh)
    for name in sorted(fresh.floors):
        before = pinned.floors.get(name)
        mark = "" if before == fresh.floors[name] else "   (new)" if before is None else f"   (was {before})"
        print(f"{name:52} measured {measured[name]:.3f}  floor {fresh.floors[name]:.3f}{mark}")
    if len(fresh.lowered) > len(pinned.lowered):
        print(
            f"\nPut this line into CHANGELOG.md:\n- Lowered floors of the quality gate: {options.why.strip()}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
