"""Every version of a codebook that was ever released, and the register that no released one changes unnoticed.

Annotations name the version they were given under, so that version must stay readable. The present one is ``<id>.yaml``; an earlier one is
``released/<id>-<version>.yaml``. ``released/register.yaml`` lists the digest of each, see docs/decisions/0008-codebook-versions.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from verifier.codebooks.checks import ID, IN_SMALL_LETTERS, SUCH_AS_1_0, VERSION, matching, version_order
from verifier.codebooks.schemes import codebook_folder, load_codebooks, read_codebook
from verifier.domain import Codebook, Label
from verifier.errors import CodebookError
from verifier.strict_yaml import read_fields

REGISTER = "register.yaml"

_RELEASE_KEYS = ("codebook_id", "version", "sha256")
_DIGEST = re.compile("[0-9a-f]{64}")


def load_versions(folder: Path | None = None) -> dict[str, dict[str, Codebook]]:
    """Read every version of every codebook.

    Args:
        folder: of the codebooks; by default the shipped one.

    Returns:
        By ``codebook_id``, then by version, oldest first; the last is the present one.

    Raises:
        CodebookError: a file is malformed, misnamed, or holds a version that is not older than the present one.
    """
    folder = codebook_folder(folder)
    versions = {name: {book.version: book} for name, book in load_codebooks(folder).items()}
    for path in sorted((folder / "released").glob("*.yaml")):
        if path.name == REGISTER:
            continue
        book = read_codebook(path)
        if path.stem != f"{book.codebook_id}-{book.version}":
            msg = f"{path} holds {book.codebook_id!r} {book.version}; call it {book.codebook_id}-{book.version}.yaml."
            raise CodebookError(msg)
        own = versions.get(book.codebook_id, {})
        present = next(iter(own), "")
        if not present or version_order(book.version) >= version_order(present):
            found = f"the present one is {present}" if present else "there is no present one"
            msg = f"{path} must be older than the present version of {book.codebook_id!r}; {found}."
            raise CodebookError(msg)
        own[book.version] = book
    return {
        name: {version: own[version] for version in sorted(own, key=version_order)}
        for name, own in versions.items()
    }


def load_version(codebook_id: str, version: str, folder: Path | None = None) -> Codebook:
    """Read a codebook as it was at one version.

    Raises:
        CodebookError: there is no such codebook or version; the message names those there are.
    """
    versions = load_versions(folder)
    if codebook_id not in versions:
        allowed = tuple(versions)
        msg = f"There is no codebook {codebook_id!r}. Codebooks are {', '.join(allowed)}."
        raise CodebookError(msg, allowed=allowed)
    own = versions[codebook_id]
    if version not in own:
        msg = f"Codebook {codebook_id!r} has no version {version!r}. Versions are {', '.join(own)}."
        raise CodebookError(msg, allowed=tuple(own))
    return own[version]


def scheme_digest(codebook: Codebook) -> str:
    """Hash what an annotator decides by: labels, definitions, examples, levels and rules (64 hexadecimal digits).

    Title, sources, keys, colours, groups, the order of labels and matches with other codebooks are left out: they can be bettered without a decision coming out
    otherwise.
    """

    def of(label: Label) -> dict[str, object]:
        return {
            "label_id": label.label_id,
            "name": label.name,
            "definition": label.definition,
            "examples": label.examples,
            "counter_examples": label.counter_examples,
            "levels": label.levels,
            "retired": label.retired,
        }

    decided_by = {
        "codebook_id": codebook.codebook_id,
        "version": codebook.version,
        "description": codebook.description,
        "levels": codebook.levels,
        "multiple": codebook.multiple,
        "required": codebook.required,
        "labels": sorted(
            map(of, (*codebook.labels, *codebook.retired_labels)), key=lambda label: str(label["label_id"])
        ),
    }
    return hashlib.sha256(json.dumps(decided_by, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def unregistered_changes(folder: Path | None = None) -> list[str]:
    """Compare every version with the register.

    Returns:
        What is wrong, in sentences: a released version that reads otherwise than when it was registered, one that is missing, and one that the register does not
        have yet (with the line to add). Empty when all is well.

    Raises:
        CodebookError: a file is malformed.
    """
    folder = codebook_folder(folder)
    versions = load_versions(folder)
    registered = _read_register(folder / "released" / REGISTER)
    problems = []
    for codebook_id, own in versions.items():
        for version, book in own.items():
            digest = scheme_digest(book)
            said = registered.pop((codebook_id, version), "")
            if not said:
                line = f'- {{codebook_id: {codebook_id}, version: "{version}", sha256: {digest}}}'
                problems.append(
                    f"Codebook {codebook_id!r} {version} is not in {REGISTER}. When it is released, add: {line}"
                )
            elif said != digest:
                problems.append(
                    f"Codebook {codebook_id!r} {version} reads otherwise than when it was released, and labels were given under it. Put the released "
                    f"text into released/{codebook_id}-{version}.yaml and give the changed scheme a higher version."
                )
    problems += [
        f"Codebook {codebook_id!r} {version} was released and is gone. Bring back released/{codebook_id}-{version}.yaml."
        for codebook_id, version in registered
    ]
    return problems


def _read_register(path: Path) -> dict[tuple[str, str], str]:
    if not path.is_file():
        return {}
    entries = read_fields(path, known=("released",)).entries("released", known=_RELEASE_KEYS)
    registered: dict[tuple[str, str], str] = {}
    for entry in entries:
        codebook_id = matching(entry, "codebook_id", ID, IN_SMALL_LETTERS)
        version = matching(entry, "version", VERSION, SUCH_AS_1_0)
        if (codebook_id, version) in registered:
            entry.fail("each version once", f"{codebook_id} {version} again", "version")
        registered[codebook_id, version] = matching(
            entry, "sha256", _DIGEST, "a digest of 64 hexadecimal digits"
        )
    return registered
