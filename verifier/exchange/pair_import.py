"""Pairs from files: rows become verifications and people's stances again.

A verification goes in whole or not at all, because a stored one is never changed: a row left out could not follow later. Stances of
people on a verification that is stored already go in one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from verifier.domain import (
    Claim,
    Decision,
    Document,
    Evidence,
    Filters,
    Hit,
    Layer,
    Refusal,
    RunInfo,
    Sentence,
    Stance,
    StanceJudgement,
    StanceScores,
    Verification,
    utc_now,
)
from verifier.errors import DomainError, ExchangeError
from verifier.exchange.incoming import (
    DocumentsBySha256,
    Refused,
    day,
    listed,
    moment,
    numbered_rows,
    require,
    short,
    version_of,
)
from verifier.exchange.rows import pair_rows, pseudonym
from verifier.exchange.tables import PAIRS, Row

_OF_THE_CHECK = ("claim_id", "claim", "claim_language", "stance_model", "run_id")
"""Columns that all rows of a verification share."""

_OF_THE_PAIR = (
    *_OF_THE_CHECK, "document_sha256", "language", "start", "end", "quote", "p_supports", "p_refutes", "p_neutral", "retrieval_score",
)  # fmt: skip
"""Columns that all rows of a pair share; two rows that differ in one cannot both be right."""

_UNKNOWN = "imported"
"""What stands in a run's description for what pairs.csv does not tell."""


class PairImport(NamedTuple):
    """What a file of pairs leads to.

    ``verifications`` are new, in the order to save them; ``judgements`` come after them. ``added`` and ``changed`` count rows: those
    that were not known, and those that tell a later stance of somebody known. ``refusals`` says why which rows were left out.
    """

    verifications: list[Verification]
    judgements: list[StanceJudgement]
    added: int
    changed: int
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the importing side makes of numbers: the column of a pair, the verdict on all, and the sentences of a text."""

    column: Callable[[StanceScores], Stance]
    decide: Callable[[Sequence[Evidence]], Decision]
    sentences: Callable[[Document], Sequence[Sentence]]


@dataclass(slots=True)
class _Run:
    """One import on its way."""

    rules: Rules
    documents_by_sha256: DocumentsBySha256
    salt: str
    given: dict[tuple[str, str], list[StanceJudgement]]
    judgements: list[StanceJudgement] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    added: int = 0
    changed: int = 0


def read_pairs(
    path: Path,
    documents_by_sha256: DocumentsBySha256,
    *,
    rules: Rules,
    known: Mapping[str, Verification],
    judgements: Iterable[StanceJudgement] = (),
    salt: str = "",
    now: datetime | None = None,
) -> PairImport:
    """Read ``pairs.csv`` or ``pairs.jsonl``.

    Rows of one verification stand by rank. What the columns do not tell (filters, who made the claim, the model that searched) is empty
    or ``imported``; columns and verdict follow from the probabilities by ``rules``. The same file again gives nothing.

    Args:
        path: the file; its ending tells its kind.
        documents_by_sha256: finds the stored versions with a text of that digest (``Store.documents_by_sha256``).
        rules: how probabilities are read here, and where sentences begin and end.
        known: the stored verifications by id.
        judgements: what people said, the latest of each, withdrawn ones included.
        salt: the project's, by which a pseudonym is recognised as one of its own annotators.
        now: when rows are refused; the present by default.

    Raises:
        ExchangeError: the file or a line of it cannot be read; rows that can be read and do not fit are listed instead.
    """
    run = _Run(rules, documents_by_sha256, salt, {})
    for judgement in judgements:
        run.given.setdefault((judgement.verification_id, judgement.sentence_id), []).append(judgement)
    checks: dict[str, list[tuple[int, Row]]] = {}
    for line, row in numbered_rows(path, PAIRS):
        if isinstance(row, ExchangeError):  # nobody knows of which verification a row is missing
            msg = f"{path} cannot be imported. Line {line}: {row}. Correct it and try again."
            raise ExchangeError(msg) from row
        verification_id, _, sentence_id = str(row["pair_id"]).partition(":")
        if verification_id and sentence_id:
            checks.setdefault(verification_id, []).append((line, row))
        else:
            message = f"column 'pair_id' takes a verification's id, a colon and a sentence's id; found {row['pair_id']!r}"
            run.refused.append((line, "malformed", message))
    fresh: list[Verification] = []
    for verification_id, rows in checks.items():
        if verification_id in known:
            _judge_known(known[verification_id], rows, run)
        else:
            fresh += _take_new(verification_id, rows, run)
    return PairImport(
        fresh, run.judgements, run.added, run.changed, listed(path, run.refused, now or utc_now())
    )


# ---- a verification


def _take_new(verification_id: str, rows: Sequence[tuple[int, Row]], run: _Run) -> list[Verification]:
    evidence: dict[str, Evidence] = {}
    first: dict[str, Row] = {}
    stances: list[tuple[int, StanceJudgement]] = []
    problems: list[tuple[int, str, str]] = []
    for line, row in rows:
        pair_id = str(row["pair_id"])
        try:
            _agree(row, rows[0][1], _OF_THE_CHECK, "another row of the same verification")
            if pair_id in first:
                _agree(row, first[pair_id], _OF_THE_PAIR, "another row of the same pair")
            else:
                evidence[pair_id] = _evidence(row, run)
                first[pair_id] = row
            stances += [(line, judgement) for judgement in _stance(row, verification_id)]
        except Refused as error:
            problems.append((line, error.reason, str(error)))
    if problems:
        run.refused += problems
        if left := len(rows) - len(problems):
            message = f"a check goes in whole or not at all, so {left} other row(s) of check {verification_id!r} were left out with the one above"
            run.refused.append((problems[0][0], "whole-check", message))
        return []
    for line, judgement in stances:
        try:
            _take_stance(judgement, run)
        except Refused as error:  # one person, two stances: the check itself is whole
            run.refused.append((line, error.reason, str(error)))
    run.added += sum(not row["human_stance"] for _, row in rows)
    return [_verification(verification_id, rows, tuple(evidence.values()), run)]


def _verification(
    verification_id: str, rows: Sequence[tuple[int, Row]], evidence: tuple[Evidence, ...], run: _Run
) -> Verification:
    row = rows[0][1]
    # Rows with a person's stance tell when that was given; where every row has one, the earliest is as near as can be known.
    unjudged = [moment(row, "created_at") for _, row in rows if not row["human_stance"]]
    created_at = min(unjudged or [moment(row, "created_at") for _, row in rows])
    return Verification(
        verification_id=verification_id,
        claim=Claim(
            claim_id=str(row["claim_id"]), text=str(row["claim"]), language=str(row["claim_language"])
        ),
        filters=Filters(),
        decision=run.rules.decide(evidence),
        evidence=evidence,
        run=RunInfo(
            run_id=str(row["run_id"]),
            encoder=_UNKNOWN,
            encoder_precision=_UNKNOWN,
            stance_model=str(row["stance_model"]),
            index_name=_UNKNOWN,
            corpus_digest=_UNKNOWN,
            settings_digest=_UNKNOWN,
            software_version=_UNKNOWN,
            started_at=created_at,
        ),
        created_at=created_at,
    )


def _evidence(row: Row, run: _Run) -> Evidence:
    require(row, "claim_id", "claim", "document_sha256", "start", "end", "quote", "retrieval_score")
    require(row, "p_supports", "p_refutes", "p_neutral")
    moment(row, "created_at")
    stored = version_of(row, run.documents_by_sha256)
    start, end, quote = int(row["start"] or 0), int(row["end"] or 0), str(row["quote"])
    if not 0 <= start < end or stored.text[start:end] != quote:
        found = stored.text[max(0, start) : max(0, end)]
        raise Refused(
            "quote",
            f"the quote {short(quote)} is not at [{start}, {end}) of its text, where {short(found)} stands",
        )
    try:
        scores = StanceScores(
            supports=float(row["p_supports"] or 0),
            refutes=float(row["p_refutes"] or 0),
            neutral=float(row["p_neutral"] or 0),
        )
    except DomainError as error:
        raise Refused("malformed", str(error).rstrip(".")) from error
    sentence_id = str(row["pair_id"]).partition(":")[2]
    ordinal, before, after = _surroundings(stored, start, end, run)
    return Evidence(
        sentence=Sentence(
            sentence_id=sentence_id,
            document_id=stored.document_id,
            version=stored.version,
            ordinal=ordinal,
            start=start,
            end=end,
            text=quote,
            language=str(row["language"]),
        ),
        # As it was when shown: what was found out about it since is not part of the check.
        document=replace(
            stored,
            outlet=str(row["outlet"]),
            published_at=day(row, "published_at"),
            superseded=False,
            deleted_at=None,
        ),
        hit=Hit(sentence_id=sentence_id, score=float(row["retrieval_score"] or 0)),
        scores=scores,
        stance=run.rules.column(scores),
        context_before=before,
        context_after=after,
    )


def _surroundings(document: Document, start: int, end: int, run: _Run) -> tuple[int, str, str]:
    """Return which sentence of the text it is, and the text from the one before and to the one behind it."""
    sentences = run.rules.sentences(document)
    for at, sentence in enumerate(sentences):
        if (sentence.start, sentence.end) == (start, end):
            before = document.text[sentences[at - 1].start : start] if at else ""
            after = document.text[end : sentences[at + 1].end] if at + 1 < len(sentences) else ""
            return sentence.ordinal, before, after
    return 0, "", ""  # it was cut otherwise where it comes from; the words are there all the same


def _agree(row: Row, other: Row, columns: Sequence[str], what: str) -> None:
    differing = [column for column in columns if row[column] != other[column]]
    if differing:
        raise Refused("differs", f"{what} says something else in {', '.join(differing)}")


# ---- people's stances


def _judge_known(stored: Verification, rows: Sequence[tuple[int, Row]], run: _Run) -> None:
    shown = {str(row["pair_id"]): row for row in pair_rows([stored], [], pseudonyms=False)}
    for line, row in rows:
        try:
            _agree(row, _shown(shown, row), _OF_THE_PAIR, "the stored check")
            for judgement in _stance(row, stored.verification_id):
                _take_stance(judgement, run)
        except Refused as error:
            run.refused.append((line, error.reason, str(error)))


def _shown(shown: Mapping[str, Row], row: Row) -> Row:
    try:
        return shown[str(row["pair_id"])]
    except KeyError as error:
        raise Refused("differs", "the stored check did not show this sentence") from error


def _stance(row: Row, verification_id: str) -> list[StanceJudgement]:
    """Read what a person said, if the row tells of one."""
    if not row["human_stance"]:
        if row["annotator_id"]:
            raise Refused("incomplete", "column 'annotator_id' names a person, but 'human_stance' is empty")
        return []
    require(row, "annotator_id")
    if row["layer"] != Layer.ANNOTATOR.value:
        raise Refused("malformed", f"stances are kept in the layer 'annotator'; found {row['layer']!r}")
    try:
        stance = Stance(str(row["human_stance"]))
    except DomainError as error:
        raise Refused("malformed", str(error).rstrip(".")) from error
    sentence_id, created_at = str(row["pair_id"]).partition(":")[2], moment(row, "created_at")
    identity = "\0".join(
        (verification_id, sentence_id, str(row["annotator_id"]), stance.value, created_at.isoformat())
    )
    return [
        StanceJudgement(
            judgement_id=f"import-{hashlib.sha256(identity.encode()).hexdigest()[:32]}",
            verification_id=verification_id,
            sentence_id=sentence_id,
            stance=stance,
            annotator_id=str(row["annotator_id"]),
            created_at=created_at,
        )
    ]


def _take_stance(judgement: StanceJudgement, run: _Run) -> None:
    given = run.given.setdefault((judgement.verification_id, judgement.sentence_id), [])
    for at, earlier in enumerate(given):
        names = {earlier.annotator_id, *([pseudonym(earlier.annotator_id, run.salt)] if run.salt else [])}
        if judgement.annotator_id not in names:
            continue
        if earlier.stance is judgement.stance:
            return
        if judgement.created_at <= earlier.created_at:
            said = "was withdrawn" if earlier.stance is None else f"is {earlier.stance.value!r}"
            raise Refused(
                "older",
                f"the stance of {judgement.annotator_id!r} {said} here since {earlier.created_at.isoformat()}, not before the row "
                f"({judgement.created_at.isoformat()})",
            )
        given[at] = replace(judgement, annotator_id=earlier.annotator_id)
        run.judgements.append(given[at])
        run.changed += 1
        return
    given.append(judgement)
    run.judgements.append(judgement)
    run.added += 1
