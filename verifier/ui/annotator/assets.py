"""The annotator's JavaScript as one module.

The sources are ordinary modules that import each other, so that each can be read, linted and tested alone. Streamlit loads a component's
inline script from a ``blob:`` address, from which nothing can be imported; hence they are joined here, in the order of what they need, with
their own ``import`` and ``export`` words taken off. Nothing else is changed. Two rules keep that right, and a test checks both: a
top-level name occurs in one module only, and only the last module has a default export.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

MODULES = (
    "offsets",
    "segments",
    "base",
    "oplog",
    "backup",
    "delivery",
    "keyboard",
    "dom",
    "textview",
    "marks",
    "palette",
    "details",
    "panels",
    "main",
)
"""In this order each needs only those before it."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./\w+\.js";\n', flags=re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:class|function|const|async function) )", flags=re.MULTILINE)


@cache
def script() -> str:
    """Join the modules into the one that Streamlit loads; its default export draws the annotator."""
    return "\n".join(f"// --- {name}.js\n{_inner(source(f'{name}.js'))}" for name in MODULES)


@cache
def base_script() -> str:
    """The script of the component that brings what stays the same."""
    return f"{_inner(source('base.js'))}\nexport default ({{ data }}) => keepBase(data);\n"


@cache
def lifeline_script() -> str:
    """The script of the component through which the browser has the whole page run."""
    call = 'export default ({ setStateValue }) => keepLifeline(() => setStateValue("wakes", Date.now()));'
    return f"{_inner(source('base.js'))}\n{call}\n"


@cache
def style() -> str:
    """Read the style sheet."""
    return source("annotator.css")


def source(name: str) -> str:
    """Read a file of this package."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _inner(module: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", module))
