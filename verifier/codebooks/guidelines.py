"""The page on how to decide that stands beside every codebook."""

from __future__ import annotations

from pathlib import Path

from verifier.codebooks.checks import ID, VERSION
from verifier.config import resource_dir
from verifier.errors import CodebookError


def read_guideline(codebook_id: str, version: str = "", folder: Path | None = None) -> str:
    """Return the guidelines of a codebook as Markdown; "" where it has none.

    Args:
        codebook_id: whose guidelines.
        version: as they were at this version of the codebook; empty for the present ones.
        folder: where ``<id>.md`` and ``released/<id>-<version>.md`` lie; by default the shipped ``annotations/guidelines``.

    Returns:
        The page. A version that has no page of its own in ``released`` has the present one.

    Raises:
        CodebookError: the page cannot be read, or id or version are none.
    """
    if not ID.fullmatch(codebook_id) or (version and not VERSION.fullmatch(version)):
        msg = f"{codebook_id!r} {version} is no codebook with a version, such as provenance 1.0."
        raise CodebookError(msg)
    folder = folder or resource_dir("annotations") / "guidelines"
    earlier = folder / "released" / f"{codebook_id}-{version}.md"
    page = earlier if version and earlier.is_file() else folder / f"{codebook_id}.md"
    if not page.is_file():
        return ""
    try:
        return page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{page} cannot be read: {error}. Expected Markdown in UTF-8."
        raise CodebookError(msg) from error
