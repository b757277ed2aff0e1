"""Make rows whose evidence is dated and has a sentence before it, as the tool shows evidence to the model.

python make_dated.py --rows made.jsonl.gz --rows opposition.jsonl.gz --out dated.jsonl.gz [--count 60000]

News sentences seldom say when; the page does. The tool therefore puts the day of publication before the evidence ("3 December 2025."),
and the sentence before it where there is one. Here existing rows get both: a date in front of the evidence, sometimes a
sentence of another text between, and in the claim nothing, the same month (the label stays), or another month (then the claim is not supported;
whether it is refuted is left open).
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

from rows import NOT_SUPPORTS, Row, read_rows, write_rows

from verifier.languages import long_date

IN_MONTH = {
    "en": [f"in {date(2000, month, 1):%B}" for month in range(1, 13)],
    "uk": [
        "у січні",
        "у лютому",
        "у березні",
        "у квітні",
        "у травні",
        "у червні",
        "у липні",
        "у серпні",
        "у вересні",
        "у жовтні",
        "у листопаді",
        "у грудні",
    ],
    "ru": [
        "в январе",
        "в феврале",
        "в марте",
        "в апреле",
        "в мае",
        "в июне",
        "в июле",
        "в августе",
        "в сентябре",
        "в октябре",
        "в ноябре",
        "в декабре",
    ],
}
YEAR_WORD = {"en": "", "uk": " року", "ru": " года"}


def dated_claim(claim: str, language: str, day: date, rng: random.Random) -> str:
    """Say in a claim in which month it was."""
    if language == "en" and rng.random() < 0.4 and (found := re.match(r"(?:The|A|An) (?=[a-z])", claim)):
        return f"The {day:%B} {claim[found.end() :]}"
    when = IN_MONTH[language][day.month - 1]
    if rng.random() < 0.35:
        when += f" {day.year}{YEAR_WORD[language]}"
    if rng.random() < 0.5:
        return f"{when[0].upper()}{when[1:]}{',' if language == 'en' else ''} {claim}"
    body, end = (claim[:-1], claim[-1]) if claim[-1:] in ".!?" else (claim, "")
    return f"{body} {when}{end}"


def main() -> None:
    """Write the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    rows = [row for path in options.rows for row in read_rows(path)]
    rows = [row for row in rows if all(part in IN_MONTH for part in row["pair"].split("-"))]
    by_language: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if 40 < len(row["evidence"]) < 200:
            by_language[row["pair"][:2]].append(row["evidence"])

    def make(row: Row) -> Row:
        of_evidence, of_claim = row["pair"].split("-")
        day = date(rng.randint(2015, 2031), rng.randint(1, 12), rng.randint(1, 28))
        parts = [f"{long_date(day, of_evidence)}."]
        if rng.random() < 0.4:
            parts.append(rng.choice(by_language[of_evidence]))
        claim, label, chance = row["claim"], row["label"], rng.random()
        if chance < 0.4:
            claim = dated_claim(claim, of_claim, day, rng)
        elif chance < 0.52:
            other = day.replace(month=(day.month + rng.randint(1, 9)) % 12 + 1)
            claim = dated_claim(claim, of_claim, other, rng)
            label = label if label == "neutral" else NOT_SUPPORTS
        evidence = " ".join([*parts, row["evidence"]])
        return {**row, "evidence": evidence, "claim": claim, "label": label, "kind": f"dated {row['kind']}"}

    kept = [row for row in rows if len(row["evidence"]) < 260]
    count = write_rows(options.out, map(make, rng.sample(kept, min(options.count, len(kept)))))
    print(f"{options.out}: {count} rows")


if __name__ == "__main__":
    main()
