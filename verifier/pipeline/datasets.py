"""The workflow of data sets: choose labels, part their documents, and write it all whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import verifier
from verifier import codebooks as schemes
from verifier import exchange
from verifier.agreement import summary
from verifier.domain import Codebook, Document, Layer, utc_now
from verifier.errors import ExchangeError
from verifier.pipeline.agreement import measure_agreement
from verifier.pipeline.annotation import export_rows
from verifier.pipeline.services import Progress, Services

SHARES: Mapping[str, float] = {"train": 0.8, "dev": 0.1, "test": 0.1}
"""How documents are parted unless asked otherwise."""

_HUGGING_FACE = "hugging-face"
_FOLDERS = {_HUGGING_FACE: "data"}
"""Folder of a format's files where its tool expects another than its name."""

_TABLES = {"csv", "jsonl"}
"""Formats that hold all labels in one file, whatever their split: documents.csv says which document is in which."""

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_VERSIONS_AT_HAND = 256
"""Document versions kept in memory while labels are checked against them; a long article takes some 200 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetChoice:
    """What a data set is to hold. Empty means all.

    ``codebooks`` are ids; ``shares`` the splits by name, none of them for one split; ``seed`` another number parts otherwise; ``formats`` are written beside
    ``labels.csv``; ``unlabelled`` takes documents in that carry no such label, as examples of nothing; ``pairs`` adds ``pairs.csv``. Without ``texts`` quotes are cut to
    ``quote_chars`` code points, and what stands around them is left out unless ``context``. ``agreement`` is measured for the card, which can take a minute.
    """

    layers: tuple[Layer, ...] = (Layer.ANNOTATOR,)
    codebooks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    seed: int = 0
    formats: tuple[str, ...] = ()
    unlabelled: bool = False
    pairs: bool = False
    texts: bool = True
    quote_chars: int = exchange.QUOTE_CHARS
    context: bool = False
    pseudonyms: bool = True
    agreement: bool = False
    title: str = "Labelled news"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPlan:
    """What a choice leads to before anything is written: complete label rows, the versions in order, the split of each, and the counts."""

    rows: tuple[exchange.Row, ...]
    documents: tuple[Document, ...]
    split: Mapping[tuple[str, str], str]
    statistics: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set as its files, by path in the folder; ``notes`` say what the formats could not hold."""

    plan: DatasetPlan
    files: Mapping[str, bytes]
    notes: tuple[str, ...]


# ---- data sets


def plan_dataset(services: Services, choice: DatasetChoice) -> DatasetPlan:
    """Choose labels and documents and part the documents; nothing is written.

    Raises:
        ExchangeError: the shares cannot be met, or a format or the combination is impossible.
        CodebookError: there is no such codebook.
    """
    _require_possible(services, choice)
    store = services.store
    spoken, layers, books = set(choice.languages), set(choice.layers), set(choice.codebooks)
    versions: dict[tuple[str, str], Document] = {}
    for document in store.documents(include_deleted=True, include_superseded=True):
        if not spoken or document.language in spoken:
            versions[document.document_id, document.sha256] = document
    chosen = [
        item
        for item in store.annotations()
        if (not layers or item.layer in layers)
        and (not books or item.codebook_id in books)
        and (item.document_id, item.span.text_sha256) in versions
    ]
    labelled = {(item.document_id, item.span.text_sha256) for item in chosen}
    documents = [
        document
        for version, document in versions.items()
        if version in labelled
        or (choice.unlabelled and not document.superseded and document.deleted_at is None)
    ]
    rows = exchange.label_rows(
        chosen, documents, pseudonyms=choice.pseudonyms, salt=store.project_salt(), project=""
    )
    split = exchange.split_documents(documents, choice.shares, seed=choice.seed)
    return DatasetPlan(
        rows=tuple(rows),
        documents=tuple(documents),
        split=split,
        statistics=exchange.statistics(rows, documents, split),
    )


def make_dataset(services: Services, choice: DatasetChoice, *, progress: Progress | None = None) -> Dataset:
    """Make all files of a data set: labels, documents with their split, the chosen formats, a card and a manifest.

    Raises:
        ExchangeError: nothing fits the choice, or it is impossible.
        CodebookError: there is no such codebook.
        MissingDependencyError: a format needs a package that is not installed.
    """
    plan = plan_dataset(services, choice)
    if not plan.rows:
        msg = "Nothing is labelled that fits the choice. Choose another layer, codebook or language, or label first."
        raise ExchangeError(msg)
    rows = list(plan.rows)
    if not choice.texts:
        rows = exchange.shortened(rows, quote_chars=choice.quote_chars, context=choice.context)
    files: dict[str, bytes] = {"labels.csv": _table(rows, exchange.LABELS)}
    counts = {"labels.csv": len(rows)}
    texts = [
        {**row, "split": plan.split[str(row["document_id"]), str(row["document_sha256"])]}
        for row in exchange.document_rows(plan.documents)
    ]
    files["documents.csv"] = _table(
        texts if choice.texts else exchange.without_text(texts), exchange.DOCUMENTS
    )
    counts["documents.csv"] = len(texts)
    runs = []
    if choice.pairs:
        columns, pairs = export_rows(
            services, "pairs", languages=choice.languages, pseudonyms=choice.pseudonyms
        )
        files["pairs.csv"], counts["pairs.csv"] = _table(pairs, columns), len(pairs)
        shown = {row["run_id"] for row in pairs}
        runs = [found.run for found in services.store.verifications(None) if found.run.run_id in shown]
    books = _codebooks_of(rows, services)
    notes: list[str] = []
    for number, name in enumerate(choice.formats):
        if progress:
            progress(number, len(choice.formats), "Writing formats")
        for path, data, said, count in _formatted(name, choice, plan, rows):
            files[path], counts[path] = data, count
            notes += [f"{path}: {note}" for note in said]
    if "label-studio" in choice.formats:
        files["label-studio/labelling-interface.xml"] = exchange.labelling_config(books).encode()
    measured = _agreement(services, choice, progress)
    files["README.md"] = _card(
        choice, plan, books, files=sorted(files), measured=measured, notes=notes
    ).encode()
    files["manifest.json"] = exchange.manifest(
        files,
        rows=counts,
        codebooks=books,
        runs=runs,
        software_version=verifier.__version__,
        created_at=utc_now(),
        dataset=_told(choice, plan, notes),
    ).encode()
    return Dataset(plan=plan, files=files, notes=tuple(notes))


def export_dataset(
    services: Services, choice: DatasetChoice, folder: Path, *, progress: Progress | None = None
) -> Dataset:
    """Write a data set into a folder that is not there yet, whole or not at all.

    Raises:
        ExchangeError: the folder holds something, or cannot be written; or as in :func:`make_dataset`.
    """
    require_new_folder(folder)
    made = make_dataset(services, choice, progress=progress)
    beside = folder.parent / f".{folder.name}.{uuid.uuid4().hex[:8]}"
    try:
        for name, data in made.files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        os.replace(beside, folder)  # noqa: PTH105  (over an empty folder too)
    except OSError as error:
        msg = f"{folder} cannot be written: {error.strerror}. Name a new folder in one that exists and is yours; nothing was left behind."
        raise ExchangeError(msg) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return made


def require_new_folder(folder: Path) -> None:
    """Raise ExchangeError unless a data set can be written to this place."""
    why = ""
    if folder.is_dir() and any(folder.iterdir()):
        why = "it holds something already, and a data set is never written over another"
    elif folder.exists() and not folder.is_dir():
        why = "it is a file"
    elif not folder.resolve().parent.is_dir():
        why = f"there is no folder {folder.resolve().parent}"
    if why:
        msg = f"{folder} cannot be written: {why}. Name a new folder."
        raise ExchangeError(msg)


def zip_dataset(made: Dataset, name: str) -> bytes:
    """Pack a data set as a zip that unpacks into one folder ``name``."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(made.files.items()):
            info = zipfile.ZipInfo(f"{name}/{path}", _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return stream.getvalue()


def _require_possible(services: Services, choice: DatasetChoice) -> None:
    exchange.require_shares(choice.shares)
    for name in choice.codebooks:
        services.codebook(name)
    formats = [exchange.label_format(name) for name in choice.formats]
    for kind in formats:
        kind.write((), ())  # says now, rather than after the work, that a package is missing
    if choice.texts:
        return
    if choice.quote_chars < 0:
        msg = f"A quote has 0 code points or more; found {choice.quote_chars}."
        raise ExchangeError(msg)
    holding = [
        name for name, kind in zip(choice.formats, formats, strict=True) if not kind.write_without_text
    ]
    if holding:
        free = ", ".join(name for name, kind in exchange.LABEL_FORMATS.items() if kind.write_without_text)
        msg = f"Files of {', '.join(holding)} are nothing without the texts. Without texts there are {free}."
        raise ExchangeError(msg)
    if choice.pairs:
        msg = "pairs.csv quotes claims and statements in full. Leave it out of a data set without texts."
        raise ExchangeError(msg)


def _formatted(
    name: str, choice: DatasetChoice, plan: DatasetPlan, rows: Sequence[exchange.Row]
) -> Iterator[tuple[str, bytes, tuple[str, ...], int]]:
    """Write one format: yields path, bytes, notes and number of labels of each file."""
    kind = exchange.label_format(name)
    write = kind.write if choice.texts else kind.write_without_text
    assert write is not None  # _require_possible has seen to it  # noqa: S101
    if name in _TABLES:
        if name != "csv":  # labels.csv is always there
            yield f"labels{kind.suffix}", write(rows, plan.documents).data, (), len(rows)
        return
    parts = dict.fromkeys(plan.split.values()) if not choice.shares else choice.shares
    for part in parts:
        documents = [d for d in plan.documents if plan.split[d.document_id, d.sha256] == part]
        own = [r for r in rows if plan.split[str(r["document_id"]), str(r["document_sha256"])] == part]
        written = write(own, documents)
        yield f"{_FOLDERS.get(name, name)}/{part}{kind.suffix}", written.data, written.notes, len(own)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    stream = io.StringIO(newline="")
    exchange.write_csv(rows, columns, stream)
    return stream.getvalue().encode()


def _codebooks_of(rows: Sequence[exchange.Row], services: Services) -> list[Codebook]:
    """Return the versions that labels were given under; one that is not here is known by name only."""
    used = sorted({(str(row["codebook_id"]), str(row["codebook_version"])) for row in rows})
    present = {(book.codebook_id, book.version): book for book in services.codebooks.values()}
    known = present if all(key in present for key in used) else {**_released(), **present}

    def by_name(codebook_id: str, version: str) -> Codebook:
        return Codebook(
            codebook_id=codebook_id,
            version=version,
            title="",
            kind="",
            description="",
            source="",
            levels=(),
            multiple=True,
            labels=(),
        )

    return [known.get(key) or by_name(*key) for key in used]


def _released() -> dict[tuple[str, str], Codebook]:
    versions = schemes.load_versions()
    return {(name, version): book for name, own in versions.items() for version, book in own.items()}


def _told(choice: DatasetChoice, plan: DatasetPlan, notes: Sequence[str]) -> dict[str, Any]:
    """Say in the manifest what was chosen and what came of it."""
    return {
        "title": choice.title,
        "layers": [layer.value for layer in choice.layers],
        "codebooks": list(choice.codebooks),
        "languages": list(choice.languages),
        "split": {"by": "document", "shares": dict(choice.shares), "seed": choice.seed},
        "texts": choice.texts,
        "quote_chars": None if choice.texts else choice.quote_chars,
        "unlabelled": choice.unlabelled,
        "pseudonyms": choice.pseudonyms,
        "statistics": {name: dict(counts) for name, counts in plan.statistics.items()},
        "notes": list(notes),
    }


def _agreement(services: Services, choice: DatasetChoice, progress: Progress | None) -> list[str]:
    if not choice.agreement:
        return []
    report = measure_agreement(
        services, languages=choice.languages, pseudonyms=choice.pseudonyms, progress=progress
    )
    return [line for line in summary(report) if line]


def _card(
    choice: DatasetChoice,
    plan: DatasetPlan,
    books: Sequence[Codebook],
    *,
    files: Sequence[str],
    measured: Sequence[str],
    notes: Sequence[str],
) -> str:
    shares = ", ".join(f"{name} {share:g}" for name, share in choice.shares.items())
    folder = f"{_FOLDERS[_HUGGING_FACE]}/"
    parquet = [file for file in files if file.startswith(folder) and file.endswith(".parquet")]
    order = {name: number for number, name in enumerate(choice.shares)}
    parquet.sort(key=lambda file: order.get(Path(file).stem, 0))
    return exchange.data_card(
        title=choice.title,
        statistics=plan.statistics,
        splits={Path(file).stem: file for file in parquet},
        codebooks=books,
        licences=dict(Counter(document.licence for document in plan.documents).most_common()),
        languages=sorted({document.language for document in plan.documents}),
        facts={
            "Labels": str(len(plan.rows)),
            "Documents": str(len(plan.documents)),
            "Layers": ", ".join(layer.value for layer in choice.layers) or "all",
            "Split": f"by document, {shares}, seed {choice.seed}" if shares else "none",
            "Offsets": "half-open, in Unicode code points of the text whose SHA-256 stands beside them; other tools' files name their own unit",
            "Texts": "included"
            if choice.texts
            else f"left out; quotes cut to {choice.quote_chars} code points",
            "Annotators": "pseudonyms" if choice.pseudonyms else "by name",
            "Made with": f"claim-verifier {verifier.__version__}",
        },
        agreement=measured,
        notes=notes,
    )
