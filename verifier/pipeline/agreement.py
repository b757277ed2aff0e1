"""The workflow of agreement: what people labelled, read from the store, compared, and written as a report."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import verifier
from verifier import exchange
from verifier.agreement import (
    AgreementReport,
    Bootstrap,
    Coverage,
    Study,
    Text,
    coverage_from_labels,
    draw,
    measure,
    to_json,
    to_markdown,
)
from verifier.domain import (
    UNKNOWN_LANGUAGE,
    Annotation,
    AssignmentState,
    Document,
    Layer,
    Level,
    Span,
    utc_now,
)
from verifier.errors import ExchangeError, MissingDependencyError
from verifier.pipeline.annotation import write_text
from verifier.pipeline.services import Progress, Services
from verifier.pipeline.team import WORKED_LEVELS

FROM_LABELS = (
    "Who went through which text is known from labels only: whoever put a label of a codebook on a text, at some level, counts as having gone "
    "through it for that codebook and level; who read a text and labelled nothing there is not counted."
)
FROM_ASSIGNMENTS = (
    "Who went through which text is known from the assignments, and besides from labels: an annotator who finished a text and labelled nothing "
    'there said "no label".'
)
STANCE = "stance"
"""The codebook of a claim with one piece of its evidence; its labels are the values of :class:`~verifier.domain.Stance`."""

REPORTS = (".md", ".json")
"""The kinds of file a report can be written as."""


def labelled(services: Services) -> dict[str, tuple[Level, ...]]:
    """Tell which codebooks people have labelled with, and at which levels; the registry's order, unknown codebooks left out."""
    found = {(a.codebook_id, a.level) for a in _labels(services)}
    if STANCE in services.codebooks and services.store.judgements():
        found.add((STANCE, Level.PAIR))
    return {
        name: levels
        for name in services.codebooks
        if (levels := tuple(level for level in Level if (name, level) in found))
    }


def labels_digest(services: Services) -> str:
    """Return a digest of all labels, withdrawn ones included, stances, and how far assignments are, that changes when any of them does."""
    digest = hashlib.sha256()
    for kind, found in (("+", _labels(services)), ("-", services.store.withdrawn_annotations())):
        for a in found:
            digest.update(
                f"{kind}{a.annotation_id} {a.updated_at.isoformat()} {a.label} {a.span.start} {a.span.end}\n".encode()
            )
    for judgement in services.store.judgements():
        digest.update(f"={judgement.judgement_id}\n".encode())
    for one in services.store.assignments():
        digest.update(f"@{one.assignment_id} {one.state} {one.changed_at.isoformat()}\n".encode())
    return digest.hexdigest()


def measure_agreement(
    services: Services,
    *,
    codebook: str = "",
    level: Level | None = None,
    languages: Sequence[str] = (),
    coverage: Sequence[Coverage] | None = None,
    pseudonyms: bool = False,
    bootstrap: Bootstrap | None = None,
    progress: Progress | None = None,
) -> AgreementReport:
    """Compare what people labelled, for every codebook and level that carries labels, or those asked for.

    Args:
        services: the opened services; no model is loaded.
        codebook: only this one; empty for all.
        level: only this one; None for all.
        languages: only documents in these; empty for all.
        coverage: who went through which text; None takes it from the finished assignments and, for what was never assigned, from the labels, withdrawn
            ones included.
        pseudonyms: name annotators as exports do.
        bootstrap: how intervals are drawn.
        progress: called with (done, total, what).

    Raises:
        CodebookError: there is no such codebook.
    """
    if codebook:
        services.codebook(codebook)
    drawing = bootstrap or Bootstrap()
    if coverage is None:
        coverage = coverage_from_assignments(services)
    study = _with_stances(services, _study(services, coverage))
    if pseudonyms:
        study = _under_pseudonyms(study, services.store.project_salt())
    wanted = [
        (book, found)
        for name, levels in labelled(services).items()
        if codebook in {"", name}
        for book in [services.codebooks[name]]
        for found in levels
        if level in {None, found}
    ]
    if codebook and level is not None and not wanted:
        # Asked for by name, so that "nobody has labelled anything" is an answer; a report over everything leaves it out.
        wanted = [(services.codebooks[codebook], level)]
    return AgreementReport(
        created_at=utc_now(),
        software_version=verifier.__version__,
        coverage=FROM_LABELS if coverage is None else FROM_ASSIGNMENTS,
        bootstrap=drawing,
        agreements=tuple(
            measure(study, book, one, languages=languages, bootstrap=drawing, progress=progress)
            for book, one in wanted
        ),
    )


def write_agreement(report: AgreementReport, path: Path) -> list[str]:
    """Write a report as Markdown with its pictures beside it, or as JSON, by the ending of the name.

    Returns:
        What a person should know of it: the files written, and whether pictures are missing.

    Raises:
        ExchangeError: the ending is neither, or the place cannot be written to.
    """
    require_report_place(path)
    if path.suffix == ".json":
        write_text(path, to_json(report))
        return [f"Written: {path}"]
    said: list[str] = []
    pictures: Mapping[str, str] = {}
    try:
        pictures = draw(report, path.parent, prefix=f"{path.stem}-")
    except MissingDependencyError as error:
        said.append(str(error))
    except OSError as error:
        msg = f"The pictures cannot be written to {path.parent}: {error.strerror}. Name a file in a folder that is yours."
        raise ExchangeError(msg) from error
    write_text(path, to_markdown(report, pictures))
    return [f"Written: {path}{f' and {len(pictures)} picture(s) beside it' if pictures else ''}", *said]


def require_report_place(path: Path) -> None:
    """Refuse a report that could not be written, before anything is computed.

    Raises:
        ExchangeError: the ending is neither ``.md`` nor ``.json``, the folder does not exist, or the file is a folder.
    """
    if path.suffix not in REPORTS:
        msg = f"A report is written as {' or '.join(REPORTS)}; found {path.name!r}. Name a file that ends so."
        raise ExchangeError(msg)
    if path.is_dir() or not path.parent.is_dir():
        why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        msg = f"{path} cannot be written: {why}. Name a file in a folder that exists."
        raise ExchangeError(msg)


def coverage_from_assignments(services: Services) -> list[Coverage] | None:
    """Tell who went through which text by the finished assignments, and by labels where nothing was assigned; None where no assignment is finished.

    Who finished a document went through it with each codebook of the assignment, at the levels that it is worked at. An assignment that is open or skipped
    covers nothing; labels given under it count, as all labels do, but their absence elsewhere in the text says nothing.
    """
    assignments = services.store.assignments()
    finished = [
        Coverage(
            annotator_id=one.annotator_id,
            document_id=one.document_id,
            text_sha256=one.text_sha256,
            codebook_id=codebook_id,
            level=level,
        )
        for one in assignments
        if one.state is AssignmentState.DONE
        for codebook_id in one.codebook_ids
        if codebook_id in services.codebooks
        for level in WORKED_LEVELS
        if services.codebooks[codebook_id].labels_at(level)
    ]
    if not finished:
        return None
    assigned = {(one.annotator_id, one.document_id) for one in assignments}
    free = [
        a
        for a in [*_labels(services), *services.store.withdrawn_annotations()]
        if (a.annotator_id, a.document_id) not in assigned
    ]
    return [*finished, *coverage_from_labels(free)]


def _labels(services: Services) -> list[Annotation]:
    return [a for a in services.store.annotations(layer=Layer.ANNOTATOR) if not a.document_deleted]


def _study(services: Services, coverage: Sequence[Coverage] | None) -> Study:
    annotations = _labels(services)
    if coverage is None:
        gone = services.store.withdrawn_annotations()
        coverage = coverage_from_labels([*annotations, *gone])
    wanted = {(a.document_id, a.span.text_sha256) for a in annotations}
    wanted |= {(c.document_id, c.text_sha256) for c in coverage}
    with_sentences = {
        (a.document_id, a.span.text_sha256) for a in annotations if a.level is Level.SENTENCE
    } | {(c.document_id, c.text_sha256) for c in coverage if c.level in {None, Level.SENTENCE}}
    return Study(
        annotations=tuple(annotations),
        texts=tuple(_texts(services, wanted, with_sentences)),
        coverage=tuple(coverage),
    )


def _with_stances(services: Services, study: Study) -> Study:
    """Add the stances that people gave, each pair of a claim and a statement as a text of its own that is labelled as a whole.

    Verifications of one claim are taken together. Its first one stands for the document, so that claims are what is resampled; the id of the statement stands
    for the digest of the text. Nobody covers a pair but who judged it.
    """
    judgements = services.store.judgements()
    if STANCE not in services.codebooks or not judgements:
        return study
    version = services.codebooks[STANCE].version
    first: dict[str, str] = {}
    claims: dict[str, str] = {}
    for name in dict.fromkeys(j.verification_id for j in judgements):
        claims[name] = first.setdefault(services.store.verification(name).claim.text, name)
    # Who judged a pair in several verifications means the last.
    latest = {(claims[j.verification_id], j.sentence_id, j.annotator_id): j for j in judgements}
    stances = tuple(
        Annotation(
            annotation_id=j.judgement_id,
            document_id=claim,
            level=Level.PAIR,
            span=Span(start=0, end=0, quote="", text_sha256=sentence_id),
            codebook_id=STANCE,
            codebook_version=version,
            label=j.stance.value,
            annotator_id=annotator_id,
            created_at=j.created_at,
            updated_at=j.created_at,
        )
        for (claim, sentence_id, annotator_id), j in latest.items()
        if j.stance is not None
    )
    sentences = services.store.sentences_by_id({a.span.text_sha256 for a in stances})
    texts = tuple(
        Text(
            document_id=claim,
            text_sha256=sentence_id,
            language=sentences[sentence_id].language if sentence_id in sentences else UNKNOWN_LANGUAGE,
            length=0,
        )
        for claim, sentence_id in dict.fromkeys((a.document_id, a.span.text_sha256) for a in stances)
    )
    return Study(
        annotations=study.annotations + stances,
        texts=study.texts + texts,
        coverage=study.coverage + coverage_from_labels(stances),
    )


def _texts(
    services: Services, wanted: Collection[tuple[str, str]], with_sentences: Collection[tuple[str, str]]
) -> Iterable[Text]:
    for document_id, sha256 in sorted(wanted):
        versions = [d for d in services.store.documents_by_sha256(sha256) if d.document_id == document_id]
        if not versions or versions[-1].deleted_at is not None:
            continue
        document = versions[-1]
        yield Text(
            document_id=document_id,
            text_sha256=sha256,
            language=document.language,
            length=len(document.text),
            sentences=_sentences(services, document) if (document_id, sha256) in with_sentences else (),
        )


def _sentences(services: Services, document: Document) -> tuple[tuple[int, int], ...]:
    return tuple((s.start, s.end) for s in services.store.sentences(document.document_id, document.version))


def _under_pseudonyms(study: Study, salt: str) -> Study:
    names = {a.annotator_id for a in study.annotations} | {c.annotator_id for c in study.coverage}
    called = {name: exchange.pseudonym(name, salt) for name in names}
    return replace(
        study,
        annotations=tuple(replace(a, annotator_id=called[a.annotator_id]) for a in study.annotations),
        coverage=tuple(replace(c, annotator_id=called[c.annotator_id]) for c in study.coverage),
    )
