"""The workflow of reading: which files, through which reader, into which documents, and what is refused."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from verifier.config import IngestSettings
from verifier.domain import Acquisition, Document, Refusal
from verifier.errors import IngestError
from verifier.ingest.aggregator import Article, split_page
from verifier.ingest.metadata import (
    MANIFEST_NAME,
    NOTHING_SAID,
    Metadata,
    language_tag,
    merged,
    read_manifest,
)
from verifier.ingest.noise import Cleaned, clean
from verifier.ingest.readers import READERS, Piece
from verifier.languages import detect

Progress = Callable[[int, int, str], None]

_SENTENCE_BREAK = re.compile(r"[\r\n]|(?<=[.!?…])\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """What a person says of everything that is ingested now; it wins over whatever the files say."""

    outlet: str = ""
    language: str = ""
    published_at: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file to read: ``name`` goes into ids, ``root`` is the folder that was asked for."""

    path: Path
    name: str
    root: Path


@dataclass(slots=True)
class _Run:
    """What stays the same while one call reads."""

    options: Metadata
    settings: IngestSettings
    now: datetime
    manifests: dict[Path, dict[str, Metadata] | IngestError] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


def read_documents(
    paths: Sequence[Path],
    *,
    options: IngestOptions,
    settings: IngestSettings,
    now: datetime,
    progress: Progress | None = None,
) -> Iterator[Document | Refusal]:
    """Read files, and the files of folders in the order of their names, into documents.

    Hidden files and manifests are no documents; links inside folders are not followed. A document's id is made of its URL, else of the file's
    name (below the folder that was asked for) and its part, so reading again gives the same ids. Metadata come from
    ``options``, then a ``manifest.yaml`` beside the file, then front matter or columns, then the page itself. Of a page that collects
    several articles they describe the first; the others have the outlets that the page or ``further_articles`` gives.

    Args:
        paths: files and folders.
        options: what holds for everything read now.
        settings: limits, in bytes and code points.
        now: becomes the time of retrieval and of refusals, aware.
        progress: is told files done, files in all, and the name of the present one.

    Yields:
        A document for each article, and a refusal for each file or row that was not taken in; never an exception for a bad file.

    Raises:
        IngestError: the language in ``options`` is no language tag.
    """
    run = _Run(
        options=Metadata(
            outlet=options.outlet.strip(),
            language=language_tag(options.language.strip(), "The option for the language"),
            published_at=options.published_at,
        ),
        settings=settings,
        now=now,
    )
    return _read(paths, run, progress)


def restore(document: Document) -> str:
    """Put the strips back: return the exact region of the decoded file that a document was made from."""
    pieces = []
    taken = 0
    position = document.acquisition.raw_start
    for strip in document.strips:
        length = strip.start - position
        pieces += [document.text[taken : taken + length], strip.text]
        taken += length
        position = strip.end
    pieces.append(document.text[taken:])
    return "".join(pieces)


def _read(paths: Sequence[Path], run: _Run, progress: Progress | None) -> Iterator[Document | Refusal]:
    files: list[_File] = []
    for path in paths:
        for found in _files(path):
            if isinstance(found, IngestError):
                yield _refusal(found, run)
            else:
                files.append(found)
    for done, file in enumerate(files):
        if progress:
            progress(done, len(files), shown(file.name))
        yield from _documents_of(file, run)
    yield from _not_there(run, [path for path in paths if path.is_dir()])
    if progress:
        progress(len(files), len(files), "")


def _files(path: Path) -> Iterator[_File | IngestError]:
    """List what there is to read under a path, sorted; a named file may be a link, what lies in a folder may not."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as error:
        yield _unreadable(path, error)
        return
    if not stat.S_ISDIR(kind):
        yield _File(path=path, name=path.name, root=path.parent)
        return
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [*folders]:
            if (Path(folder) / name).is_symlink():
                folders.remove(name)
                yield _link(Path(folder) / name)
        for name in sorted(names):
            if name.startswith(".") or name == MANIFEST_NAME:
                continue
            found = Path(folder) / name
            if found.is_symlink():
                yield _link(found)
            else:
                yield _File(path=found, name=found.relative_to(path).as_posix(), root=path)
    for trouble in closed:
        yield _unreadable(Path(trouble.filename or path), trouble)


def _documents_of(file: _File, run: _Run) -> Iterator[Document | Refusal]:
    source = shown(str(file.path))
    try:
        raw = _bytes_of(file.path, source, run.settings)
        listed = _listed(file, run)
        reader = READERS[file.path.suffix.casefold()]
        pieces = list(reader(raw, source))
    except IngestError as error:
        yield _refusal(error, run)
        return
    digest = hashlib.sha256(raw).hexdigest()
    for piece in pieces:
        if isinstance(piece, IngestError):
            yield _refusal(piece, run)
            continue
        place = f"{source}, {piece.part}" if piece.part else source
        said = merged(run.options, listed, piece.metadata, piece.said_by_page)
        for draft in _articles(piece, said, run.options):
            acquisition = Acquisition(
                source=place,
                raw_sha256=digest,
                raw_start=draft.start,
                raw_end=draft.end,
                retrieved_at=run.now,
                aggregator=said.aggregator,
            )
            try:
                yield _document(file, draft, acquisition, run)
            except IngestError as error:
                yield _refusal(error, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """One article on its way to a document."""

    start: int
    end: int
    cleaned: Cleaned
    metadata: Metadata
    part: str


def _articles(piece: Piece, said: Metadata, options: Metadata) -> Iterator[_Draft]:
    """Clean a piece, or each article of it when it is an aggregator page."""
    start, end = piece.start, len(piece.text)
    if piece.frozen:
        cleaned = Cleaned(text=piece.text[start:], strips=(), title="", published_at=None)
        yield _Draft(start=start, end=end, cleaned=cleaned, metadata=said, part=piece.part)
        return
    articles = split_page(piece.text, start, end)
    if not articles:
        cleaned = clean(piece.text, start, end)
        yield _Draft(start=start, end=end, cleaned=cleaned, metadata=said, part=piece.part)
    for number, article in enumerate(articles, start=1):
        cleaned = clean(piece.text, article.start, article.end)
        if number == 1:
            metadata = replace(said, outlet=said.outlet or article.outlet)
        else:
            language = options.language or detect(cleaned.text, fallback=said.language)
            metadata = replace(
                _of_article(article, said), language=language, published_at=options.published_at
            )
        part = f"{piece.part}/{number}" if piece.part else str(number)
        yield _Draft(start=article.start, end=article.end, cleaned=cleaned, metadata=metadata, part=part)


def _of_article(article: Article, said: Metadata) -> Metadata:
    """Say of a further article of a page only what holds for it: what is said of the page is about the first."""
    entry = next(
        (
            entry
            for entry in said.further_articles
            if article.title.casefold().startswith(entry.title_begins.casefold())
        ),
        None,
    )
    same_site = "" if said.aggregator else said.outlet
    return Metadata(
        outlet=(entry.outlet if entry else "") or article.outlet or same_site,
        relay=entry.relay if entry else (),
        aggregator=said.aggregator,
    )


def _document(file: _File, draft: _Draft, acquisition: Acquisition, run: _Run) -> Document:
    cleaned, said = draft.cleaned, draft.metadata
    source = acquisition.source
    pieces = (piece.strip() for piece in _SENTENCE_BREAK.split(cleaned.text))
    if not any(len(piece) >= run.settings.min_chars and re.search(r"\w", piece) for piece in pieces):
        msg = (
            f"{source} holds no sentence of at least {run.settings.min_chars} characters once page noise is taken out. "
            "Lower the setting ingest.min_chars if short texts are meant to go in."
        )
        raise IngestError(msg, source=source, reason="no-text")
    document_id = said.document_id or _document_id(file, draft)
    other = run.sources.setdefault(document_id, f"{source}#{draft.part}")
    if other != f"{source}#{draft.part}":
        msg = (
            f"{source} would get the same id as {other.rpartition('#')[0]}: their URL, or file name and row id, agree. "
            "Ingest the folder above both, or give them different ids."
        )
        raise IngestError(msg, source=source, reason="same-id")
    return Document(
        document_id=document_id,
        text=cleaned.text,
        title=said.title or cleaned.title,
        language=said.language or detect(cleaned.text),
        outlet=said.outlet,
        country=said.country,
        url=said.url,
        published_at=said.published_at or cleaned.published_at,
        relay=said.relay,
        inferred=said.inferred,
        licence=said.licence,
        acquisition=acquisition,
        strips=cleaned.strips,
    )


def _document_id(file: _File, draft: _Draft) -> str:
    """Make 16 hexadecimal digits of the URL (and the article's number on its page), else of file name and part."""
    name = draft.metadata.url or file.name
    identity = name if draft.metadata.url and not draft.metadata.aggregator else f"{name}#{draft.part}"
    return hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _bytes_of(path: Path, source: str, settings: IngestSettings) -> bytes:
    suffix = path.suffix.casefold()
    if suffix not in READERS:
        msg = f"{source} is no kind of file that is read here; those are {', '.join(READERS)}."
        raise IngestError(msg, source=source, reason="unsupported")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            msg = f"{source} is not a regular file."
            raise IngestError(msg, source=source, reason="not-a-file")
        if status.st_size > settings.max_file_bytes:
            msg = (
                f"{source} has {status.st_size:,} bytes; at most {settings.max_file_bytes:,} are read. Split it, or raise "
                "the setting ingest.max_file_bytes."
            )
            raise IngestError(msg, source=source, reason="too-large")
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not raw.strip():
        msg = f"{source} is empty."
        raise IngestError(msg, source=source, reason="empty")
    return raw


def _listed(file: _File, run: _Run) -> Metadata:
    """Look the file up in the manifest of its folder, or of one above it up to the folder that was asked for."""
    folder = file.path.parent
    while True:
        if folder not in run.manifests:
            try:
                run.manifests[folder] = read_manifest(folder)
            except IngestError as error:
                run.manifests[folder] = error
        found = run.manifests[folder]
        if isinstance(found, IngestError):
            msg = f"{shown(str(file.path))} was left out, for its manifest is broken. {found}"
            raise IngestError(msg, source=shown(str(file.path)), reason="bad-manifest")
        name = file.path.relative_to(folder).as_posix()
        if name in found:
            return found[name]
        if folder in {file.root, folder.parent}:
            return NOTHING_SAID
        folder = folder.parent


def _not_there(run: _Run, roots: Sequence[Path]) -> Iterator[Refusal]:
    """Name what manifests list and nobody finds; only of folders that were asked for as a whole."""
    for folder, manifest in run.manifests.items():
        if isinstance(manifest, IngestError) or not any(folder.is_relative_to(root) for root in roots):
            continue
        for name in manifest:
            if not (folder / name).exists():
                source = shown(str(folder / name))
                msg = f"There is no file {source}, though {shown(str(folder / MANIFEST_NAME))} lists it."
                yield _refusal(IngestError(msg, source=source, reason="missing"), run)


def shown(name: str) -> str:
    """Spell a file name so that it can be stored and printed: bytes that are no UTF-8 are spelled out in hexadecimal."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _refusal(error: IngestError, run: _Run) -> Refusal:
    return Refusal(source=error.source, reason=error.reason, message=str(error), refused_at=run.now)


def _unreadable(path: Path, error: Exception) -> IngestError:
    source = shown(str(path))
    if isinstance(error, FileNotFoundError):
        msg = f"There is no file or folder {source}."
        return IngestError(msg, source=source, reason="missing")
    msg = f"{source} cannot be read: {shown(str(error))}. Check its permissions."
    return IngestError(msg, source=source, reason="unreadable")


def _link(path: Path) -> IngestError:
    source = shown(str(path))
    msg = f"{source} is a link; inside a folder links are not followed. Name its target to ingest it."
    return IngestError(msg, source=source, reason="link")
