"""The look of the pages: our style sheet, and the small pieces of HTML that several pages share.

Every function returns or draws HTML of our own classes with all foreign text escaped; see :mod:`verifier.ui.escape`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from verifier.ui.escape import html_link, html_text
from verifier.ui.wording import thousands

_HERE = Path(__file__).resolve().parent


def draw_style() -> None:
    """Put our style sheet into the page; call it once per run, first."""
    st.html(f"<style>{asset('style.css')}</style>")


@cache
def asset(name: str) -> str:
    """Read a file that lies beside this module."""
    return (_HERE / name).read_text(encoding="utf-8")


def draw_title(title: str, lead: str) -> None:
    """Draw the head of a page: its title and, unless it is empty, what the page is for."""
    below = f'<p class="cv-lead">{html_text(lead)}</p>' if lead else ""
    st.html(f'<h1 class="cv-title">{html_text(title)}</h1>{below}')


def draw_note(text: str) -> None:
    """Draw a muted sentence."""
    st.html(f'<p class="cv-note">{html_text(text)}</p>')


def draw_kicker(text: str) -> None:
    """Draw a small heading in capitals."""
    st.html(f'<p class="cv-kicker">{html_text(text)}</p>')


def draw_facts(facts: Iterable[tuple[str, str]], *, links: Sequence[str] = ()) -> None:
    """Draw names and values in two columns; facts without a value are left out.

    Args:
        facts: pairs of plain texts; values may have several lines.
        links: names of the facts whose value is a web address, to be drawn as a link.
    """
    rows = [
        f"<dt>{html_text(name)}</dt><dd>{html_link(value) if name in links else html_text(value)}</dd>"
        for name, value in facts
        if value
    ]
    st.html(f'<dl class="cv-facts">{"".join(rows)}</dl>')


def draw_figures(figures: Sequence[tuple[int, str]]) -> None:
    """Draw large numbers, each over what it counts."""
    cells = [
        f'<div class="cv-figure"><b>{thousands(number)}</b><span>{html_text(what)}</span></div>'
        for number, what in figures
    ]
    st.html(f'<div class="cv-figures">{"".join(cells)}</div>')
