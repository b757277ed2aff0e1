"""INCEpTION: a zip of UIMA CAS JSON files, one for each document and person, with the type system of our layers.

UIMA counts UTF-16 units; dkpro-cassis converts. INCEpTION reads the type system under Settings, Layers, Import, and the files as "UIMA CAS JSON (0.4)". JSON rather than XMI, because XML
cannot hold every character of an article; XMI is read where the zip brings its ``TypeSystem.xml``. WebAnno TSV was weighed too: it needs tokens, and spans within words and line ends bend it.
"""

from __future__ import annotations

import importlib
import io
import json
import re
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from verifier.domain import Document, Level
from verifier.errors import ExchangeError, MissingDependencyError
from verifier.exchange.interchange import (
    DETAILS,
    Told,
    Written,
    about,
    by_document,
    by_hand,
    details,
    dump,
    full_label,
    read_bytes,
    told,
    told_wrong,
)

LOST = "nothing, as long as the layers keep their feature `details`"

SPAN_TYPE = "webanno.custom.NewsLabel"
DOCUMENT_TYPE = "webanno.custom.NewsDocumentLabel"
_ABOUT_TYPE = "webanno.custom.NewsDocument"
_OWN = ("webanno.custom.", "custom.", "de.tudarmstadt.ukp.dkpro.core.api.ner.type.")
"""Where layers come from whose annotations are labels; all other types are tokens, sentences and the like."""

_FEATURES = {
    "label": "String",
    "note": "String",
    "target": "String",
    "intensity": "Integer",
    "details": "String",
}
_TYPE_SYSTEM = "TypeSystem.xml"
_README = """Each .json file is one document as one person labelled it: a UIMA CAS in JSON (format 0.4).
Offsets in the files count UTF-16 units, as everything in UIMA does.
In INCEpTION, import TypeSystem.xml under Settings, Layers; then the files under Documents, as "UIMA CAS JSON".
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of all members, so that the same labels give the same bytes; zip knows none before it."""

_LARGEST = 500_000_000
"""Bytes that a member of a zip may unpack to; a corpus of long articles stays far below."""


def _cassis() -> Any:
    try:
        return importlib.import_module("cassis")
    except ImportError as error:
        msg = "Files for INCEpTION need the package dkpro-cassis. Install it with: pip install 'claim-verifier[inception]'"
        raise MissingDependencyError(msg, package="dkpro-cassis") from error


def _type_system(cassis: Any) -> Any:
    types = cassis.TypeSystem()
    for name, parent in ((SPAN_TYPE, "uima.tcas.Annotation"), (DOCUMENT_TYPE, "uima.cas.AnnotationBase")):
        made = types.create_type(name, supertypeName=parent)
        for feature, kind in _FEATURES.items():
            types.create_feature(made, feature, f"uima.cas.{kind}")
    made = types.create_type(_ABOUT_TYPE, supertypeName="uima.cas.AnnotationBase")
    types.create_feature(made, "details", "uima.cas.String")
    return types


# ---- out


def write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write a CAS for each document and person.

    Raises:
        MissingDependencyError: dkpro-cassis is not installed.
    """
    cassis = _cassis()
    types = _type_system(cassis)
    members = {"README.txt": _README, _TYPE_SYSTEM: types.to_xml()}
    for document, own in by_document(rows, documents):
        for layer, annotator_id, given in list(by_hand(own)) or [("", "", [])]:
            folder = _safe(f"{document.document_id}-{document.sha256[:8]}")
            name = _free(f"{folder}/{_safe(f'{layer}-{annotator_id}' if layer else 'nobody')}", members)
            members[name] = _cas(cassis, document, given)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return Written(stream.getvalue())


def _free(stem: str, taken: Collection[str]) -> str:
    """Name a member so that two people whose names look alike in a file's name have each their own."""
    name, number = f"{stem}.json", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.json"
    return name


def _safe(name: str) -> str:
    """Make a name that every file system takes."""
    return re.sub(r"[^\w.-]", "_", name).strip(".")[:100] or "_"


def _cas(cassis: Any, document: Document, rows: Iterable[Mapping[str, Any]]) -> str:
    types = _type_system(cassis)
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string, cas.sofa_mime = document.text, "text/plain"
    told_of = dump({**about(document), "offset_unit": "utf-16"})
    cas.add(types.get_type(_ABOUT_TYPE)(details=told_of))
    for row in rows:
        whole = row["level"] == Level.DOCUMENT.value
        place = {} if whole else {"begin": row["start"], "end": row["end"]}
        travelling = dump({DETAILS: {**details(row, row["start"], row["end"]), "quote": row["quote"]}})
        values = {
            "label": full_label(row),
            "note": row["note"],
            "target": row["target"],
            "intensity": row["intensity"],
        }
        cas.add(types.get_type(DOCUMENT_TYPE if whole else SPAN_TYPE)(**place, **values, details=travelling))
    return str(cas.to_json())


# ---- in


def read(path: Path) -> list[Told]:
    """Read a zip as INCEpTION exports it, or one CAS as JSON.

    Raises:
        ExchangeError: it is no such file.
        MissingDependencyError: dkpro-cassis is not installed.
    """
    cassis = _cassis()
    if path.suffix.lower() == ".json":
        return _loaded(lambda: cassis.load_cas_from_json(read_bytes(path).decode("utf-8-sig")), path.name)
    found: list[Told] = []
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(path))) as archive:
            names = [info.filename for info in archive.infolist() if info.file_size <= _LARGEST]
            found += [
                told_wrong(
                    info.filename, f"it unpacks to {info.file_size} bytes, which is more than a text can have"
                )
                for info in archive.infolist()
                if info.file_size > _LARGEST
            ]
            beside = next((name for name in names if name.endswith(_TYPE_SYSTEM)), "")
            for name in names:
                found += _read_member(cassis, archive, name, beside)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        msg = f"{path} is no zip of UIMA files ({error}). Export from INCEpTION as UIMA CAS JSON or XMI."
        raise ExchangeError(msg) from error
    return found


def _read_member(cassis: Any, archive: zipfile.ZipFile, name: str, beside: str) -> list[Told]:
    if name.endswith(".json"):
        return _loaded(lambda: cassis.load_cas_from_json(archive.read(name).decode("utf-8-sig")), name)
    if name.endswith(".xmi"):

        def load() -> Any:
            types = cassis.load_typesystem(io.BytesIO(archive.read(beside))) if beside else None
            return cassis.load_cas_from_xmi(io.BytesIO(archive.read(name)), typesystem=types)

        return _loaded(load, name)
    return []


def _loaded(load: Any, place: str) -> list[Told]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cas = load()
            return list(_annotations(cas, place))
    except ExchangeError:
        raise
    except Exception as error:  # noqa: BLE001  (the library raises many kinds; each member is reported by itself)
        return [told_wrong(place, f"this is no UIMA CAS that can be read ({type(error).__name__}: {error})")]


def _annotations(cas: Any, place: str) -> Iterator[Told]:
    text = cas.sofa_string
    number = 0
    for item in cas.select_all_fs():
        kind = item.type.name
        if not kind.startswith(_OWN) or kind == _ABOUT_TYPE:
            continue
        number += 1
        where = f"{place}, label {number}"
        label = getattr(item, "label", None) or getattr(item, "value", None)
        if not isinstance(label, str) or not label:
            yield told_wrong(where, f"an annotation of the layer {kind} has no feature 'label' or 'value'")
            continue
        own = _details(getattr(item, "details", None))
        begin, end = getattr(item, "begin", None), getattr(item, "end", None)
        if begin is None or end is None:
            native = {
                "start": 0,
                "end": 0,
                "level": Level.DOCUMENT.value,
                "quote": "",
                "prefix": "",
                "suffix": "",
            }
            if own:
                native = {"start": own.get("start"), "end": own.get("end"), "quote": own.get("quote")}
        else:
            # Offsets are in code points by now, so what stands there is the quote.
            native = {"start": begin, "end": end, "quote": text[begin:end], "offset_unit": "codepoint"}
        changed = {name: getattr(item, name, None) for name in ("note", "target") if hasattr(item, name)}
        yield told(where, native={**changed, **native}, label=label, text=text, travelled=own)


def _details(value: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(value)[DETAILS]
    except (TypeError, ValueError, KeyError):
        return None
    return found if isinstance(found, dict) else None
