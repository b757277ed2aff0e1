"""What one reader's visit needs: the settings, the services opened once, who they are, and errors as sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from verifier import pipeline
from verifier.config import Settings, load_settings
from verifier.errors import VerifierError
from verifier.pipeline import Progress, Services
from verifier.ui.escape import markdown_text

P = ParamSpec("P")

NAME_HELP = "Your labels and stances are kept under this name, and exported with it. A pseudonym is best."
NAME_MISSING = "Give yourself a name at the left first, so that your labels can be told apart."

_REDRAW_S = 0.1
"""Seconds between two redraws of a progress bar; each is a message to the browser."""

open_services: Callable[[Settings], Services] = pipeline.open_services
"""How services are opened; tests put their own here, with fakes for the models."""


def settings() -> Settings:
    """Read the settings afresh, so that a changed file counts from the next click."""
    return load_settings()


def services(chosen: Settings) -> Services:
    """Return the services for these settings, opened once for all visitors."""
    places = (chosen.database_url, str(chosen.indexes_dir), str(chosen.cache_dir))
    return _opened((chosen.digest(), *places), chosen)


def _close(opened: Services) -> None:
    opened.close()


@st.cache_resource(show_spinner=False, max_entries=4, on_release=_close)
def _opened(key: tuple[str, ...], _settings: Settings) -> Services:  # noqa: ARG001  (what the cache goes by)
    return open_services(_settings)


def countries(opened: Services) -> list[str]:
    """Return the countries of the documents in the corpus, looked up again only after it has changed."""
    return _countries(opened.store.corpus_digest(), opened)


@st.cache_data(show_spinner=False, max_entries=4)
def _countries(digest: str, _opened: Services) -> list[str]:  # noqa: ARG001  (what the cache goes by)
    return sorted({document.country for document in _opened.store.documents() if document.country})


def annotator() -> str:
    """Return who the reader says they are; empty when they have not said."""
    return str(st.session_state.get("annotator", "")).strip()


def remember(*keys: str) -> None:
    """Keep the values of these widgets while another page is open, where Streamlit would forget them."""
    for key in keys:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def open_page(name: str, **query: str) -> None:
    """Go to another page; ``query`` is shown in the address, so that the place can be linked to."""
    st.switch_page(st.session_state["pages"][name], query_params=query)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show any of our errors as its sentence instead of a traceback; anything else is a bug and goes on up."""
    try:
        yield
    except VerifierError as error:
        st.error(markdown_text(error), icon=":material/error:")


def reaction(callback: Callable[P, None]) -> Callable[P, None]:
    """Make a widget's callback keep its error for the page, which is drawn after it; see :func:`draw_notices`."""

    @wraps(callback)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except VerifierError as error:
            notice(str(error), failed=True)

    return guarded


def notice(text: str, *, failed: bool = False) -> None:
    """Keep a sentence to show at the top of the next page drawn."""
    st.session_state.setdefault("notices", []).append((text, failed))


def draw_notices() -> None:
    """Show, once, what callbacks and finished work had to say."""
    for text, failed in st.session_state.pop("notices", []):
        if failed:
            st.error(markdown_text(text), icon=":material/error:")
        else:
            st.success(markdown_text(text), icon=":material/check:")


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """Show a progress bar while the work of the ``with`` block lasts.

    Args:
        what: what is being done, until the work itself says more.

    Yields:
        A callback ``(done, total, what)`` for the workflows of the pipeline.
    """
    bar = st.progress(0.0, text=markdown_text(what))
    last = 0.0

    def report(done: int, total: int, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _REDRAW_S and done < total:
            return
        last = now
        share = min(done / total, 1.0) if total > 0 else 0.0
        figures = f" · {done} of {total}" if total > 1 else ""
        bar.progress(share, text=markdown_text(f"{what}{figures}"))

    try:
        yield report
    finally:
        bar.empty()
