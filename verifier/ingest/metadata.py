"""What is known about a document besides its text, and where it was said: options, manifest, front matter, columns, page.

The order of precedence is that of :func:`merged`'s arguments as the workflow passes them: a person's explicit option, then the
``manifest.yaml`` beside the file, then the file's own front matter or columns, then what the page itself shows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from verifier.domain import FactSource, Outlet
from verifier.errors import IngestError
from verifier.outlets import host_of

MANIFEST_NAME = "manifest.yaml"

_MISSING = {"", "~", "null", "none"}
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.IGNORECASE)
_FENCE = re.compile(r"---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

MAX_FRONT_MATTER_CHARS = 20_000
"""Longer front matter is taken for text between two rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherArticle:
    """What a manifest says of one more article of an aggregator page; ``title_begins`` finds it."""

    title_begins: str
    outlet: str = ""
    relay: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Facts about a document; an empty value means that nothing was said.

    ``row_id`` is the file's own id of a row. ``document_id`` is set only by our own exchange format, which also freezes the
    text.
    """

    document_id: str = ""
    row_id: str = ""
    title: str = ""
    outlet: str = ""
    language: str = ""
    country: str = ""
    url: str = ""
    published_at: date | None = None
    relay: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    licence: str = ""
    aggregator: str = ""
    further_articles: tuple[FurtherArticle, ...] = ()


NOTHING_SAID = Metadata()


def merged(*sources: Metadata) -> Metadata:
    """Join metadata; for each field the first source that says something wins."""
    values: dict[str, Any] = {}
    for each in fields(Metadata):
        said = [value for source in sources if (value := getattr(source, each.name))]
        if said:
            values[each.name] = said[0]
    return Metadata(**values)


def read_metadata(values: Mapping[str, Any], source: str) -> Metadata:
    """Turn names and values as people write them into metadata; names that mean nothing here are left alone.

    ``outlet`` may be a name or a mapping with ``name`` and ``country``; ``published`` and ``published_at`` are the same, as are
    ``licence`` and ``license``.

    Raises:
        IngestError: a value is not of the kind that its name asks for (reason ``bad-metadata``).
    """
    known = {str(name).strip().casefold(): value for name, value in values.items()}

    def text(*names: str) -> str:
        for name in names:
            value = known.get(name)
            if isinstance(value, dict | list):
                raise _bad(source, name, "one value", value)
            if not _missing(value):
                return str(value).strip()
        return ""

    outlet = known.get("outlet")
    if isinstance(outlet, dict):
        inner = read_metadata({**outlet, "outlet": outlet.get("name")}, source)
        name, country = inner.outlet, inner.country
    else:
        name, country = text("outlet"), ""
    return Metadata(
        row_id=text("id"),
        title=" ".join(text("title").split()),
        outlet=name,
        language=language_tag(text("language", "lang"), source),
        country=text("country").upper() or country,
        url=text("url"),
        published_at=_day(text("published_at", "published", "date"), source),
        relay=_names(known.get("relay"), "relay", source),
        inferred=_names(known.get("inferred"), "inferred", source),
        licence=text("licence", "license"),
        aggregator=text("aggregator"),
        further_articles=_further(known.get("further_articles"), source),
    )


def language_tag(value: str, source: str) -> str:
    """Reduce a language tag to its primary part: ``en-US`` is ``en``; an empty one stays empty.

    Raises:
        IngestError: it is a word, not a tag.
    """
    if value and not _TAG.fullmatch(value):
        raise _bad(source, "language", "a tag such as 'en', 'uk' or 'ru'", value)
    return value.partition("-")[0].casefold()


def read_manifest(folder: Path) -> dict[str, Metadata]:
    """Read the ``manifest.yaml`` of a folder: metadata by file name, relative to the folder; empty without one.

    Raises:
        IngestError: it cannot be read or has another form (reason ``bad-manifest``).
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return {}
    try:
        entries = _load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        msg = f"The manifest {path} cannot be read: {error}. Correct it, or take it away; its folder was left out."
        raise IngestError(msg, source=str(path), reason="bad-manifest") from error
    found = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], start=1):
        if not isinstance(entry, dict) or _missing(entry.get("file")):
            msg = (
                f"Entry {number} of the manifest {path} must name a file, such as '- file: article.txt'; found "
                f"{str(entry)[:80]!r}. Its folder was left out."
            )
            raise IngestError(msg, source=str(path), reason="bad-manifest")
        try:
            found[str(entry["file"])] = read_metadata(entry, f"{path}, entry {number}")
        except IngestError as error:
            raise IngestError(str(error), source=str(path), reason="bad-manifest") from error
    return found


def split_front_matter(text: str, source: str) -> tuple[Metadata, int]:
    """Read YAML between two lines ``---`` at the top of a text; return it with the offset where the text goes on.

    Anything else at the top is text: then the offset is 0.

    Raises:
        IngestError: there is front matter, and one of its values is of the wrong kind.
    """
    match = _FENCE.match(text, 0, MAX_FRONT_MATTER_CHARS)
    if not match:
        return NOTHING_SAID, 0
    try:
        values = _load(match["yaml"])
    except ValueError:
        return NOTHING_SAID, 0
    if not isinstance(values, dict):
        return NOTHING_SAID, 0
    return read_metadata(values, source), match.end()


def _load(text: str) -> Any:
    """Parse YAML with every scalar as it is spelled: ``NO`` is Norway, not false. Raise ValueError where it cannot be."""
    import yaml  # noqa: PLC0415  (only when there is YAML to read)

    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (BaseLoader makes only strings, lists and mappings)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _missing(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, str) and value.strip().casefold() in _MISSING)
        or value in ([], {})
    )


def _day(value: str, source: str) -> date | None:
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).date()
    except ValueError as error:
        raise _bad(source, "published", "a date such as 2031-05-04", value) from error


def _names(value: Any, name: str, source: str) -> tuple[str, ...]:
    if _missing(value):
        return ()
    if isinstance(value, str):
        return (value.strip(),)
    if not isinstance(value, list) or any(isinstance(item, dict | list) for item in value):
        raise _bad(source, name, "a list of names", value)
    return tuple(str(item).strip() for item in value if not _missing(item))


def _further(value: Any, source: str) -> tuple[FurtherArticle, ...]:
    if _missing(value):
        return ()
    if not isinstance(value, list) or not all(
        isinstance(item, dict) and not _missing(item.get("title_begins")) for item in value
    ):
        raise _bad(source, "further_articles", "a list of entries with title_begins", value)
    entries = [(item, read_metadata(item, source)) for item in value]
    return tuple(
        FurtherArticle(title_begins=str(item["title_begins"]), outlet=said.outlet, relay=said.relay)
        for item, said in entries
    )


def _bad(source: str, name: str, expected: str, found: Any) -> IngestError:
    msg = f"{source}: {name!r} must be {expected}; found {str(found)[:80]!r}. Correct it and ingest again."
    return IngestError(msg, source=source, reason="bad-metadata")


def manifest_outlets(paths: Sequence[Path]) -> tuple[Outlet, ...]:
    """Return the outlets that the manifests beside an input describe, each once, in the order of their names.

    Whether an outlet is state-controlled is repeated as the manifest's word and nobody else's. A manifest that cannot be read
    says nothing here; :func:`~verifier.ingest.read_documents` refuses it.
    """
    found: dict[str, Outlet] = {}
    folders = {path if path.is_dir() else path.parent for path in paths}
    for manifest in sorted({m for folder in folders for m in folder.rglob(MANIFEST_NAME)}):
        try:
            entries = _load(manifest.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            continue
        for entry in entries if isinstance(entries, list) else [entries]:
            described = entry.get("outlet") if isinstance(entry, dict) else None
            if isinstance(described, dict) and not _missing(described.get("name")):
                outlet = _described_outlet(described, manifest)
                found.setdefault(outlet.name, outlet)
    return tuple(found[name] for name in sorted(found))


def _described_outlet(described: Mapping[str, Any], manifest: Path) -> Outlet:
    name, domain = str(described["name"]).strip(), host_of(str(described.get("domain", "")).strip())
    controlled = {"true": True, "false": False}.get(
        str(described.get("state_controlled", "")).strip().casefold()
    )
    country = str(described.get("country", "")).strip().upper()
    country = country if re.fullmatch("[A-Z]{2}", country) else ""
    source = f"the manifest of {manifest.resolve().parent.name}/"
    facts = {"country": bool(country), "state_controlled": controlled is not None}
    said = tuple(fact for fact, is_said in facts.items() if is_said)
    return Outlet(
        outlet_id=domain.replace(".", "-") or "outlet-" + hashlib.sha256(name.encode()).hexdigest()[:12],
        name=name,
        domains=(domain,) if domain else (),
        country=country,
        state_controlled=controlled,
        state_controlled_by="" if controlled is None else source,
        sources=(FactSource(facts=said, source=source),) if said else (),
    )
