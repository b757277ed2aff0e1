"""The frame around the pages: navigation, who the reader is, and what every page needs before it draws."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from verifier.config import Settings
from verifier.errors import VerifierError
from verifier.pipeline import Services
from verifier.ui import (
    adjudicate,
    agreement,
    annotate,
    claims,
    corpus,
    export,
    read,
    session,
    team,
    theme,
    verify,
)

_PAGES: dict[str, tuple[str, str, Callable[[Settings, Services], None]]] = {
    "verify": ("Verify", ":material/balance:", verify.draw),
    "claims": ("Claims", ":material/checklist:", claims.draw),
    "read": ("Read", ":material/article:", read.draw),
    "annotate": ("Annotate", ":material/ink_highlighter:", annotate.draw),
    "adjudicate": ("Adjudicate", ":material/gavel:", adjudicate.draw),
    "agreement": ("Agreement", ":material/groups:", agreement.draw),
    "team": ("Team", ":material/assignment_ind:", team.draw),
    "corpus": ("Corpus", ":material/inventory_2:", corpus.draw),
    "export": ("Export", ":material/download:", export.draw),
}
"""Name in the address → title, icon and what draws it; the first is the front page."""

_LOG = logging.getLogger("verifier")

BUG = (
    "Something broke inside the app. This is a fault of the program, not of what you did; nothing that was saved is lost. "
    "The details stand in the window where the app was started."
)

_ICON = Path(__file__).with_name("icon.svg")
"""A file of ours: for a Material icon in the tab of the browser Streamlit would ask a server on the internet."""

_SIDEBAR_PX = 248
"""Wide enough for the names of the pages, narrow enough that three columns fit on a laptop screen."""


def run() -> None:
    """Start the navigation and draw the page that the address names."""
    st.set_page_config(
        page_title="Claim Verifier",
        page_icon=str(_ICON),
        layout="wide",
        initial_sidebar_state=_SIDEBAR_PX,
    )
    pages = {
        name: st.Page(
            partial(draw_page, name), title=title, icon=icon, url_path=name, default=name == "verify"
        )
        for name, (title, icon, _) in _PAGES.items()
    }
    st.session_state["pages"] = pages
    chosen = st.navigation(list(pages.values()), position="hidden")
    theme.draw_style()
    with st.sidebar:
        st.html(
            '<p class="cv-brand">Claim Verifier</p><p class="cv-tag">A claim beside what other outlets say</p>'
        )
        for name, page in pages.items():
            st.page_link(page, label=_PAGES[name][0], icon=_PAGES[name][1])
    with session.plain_errors():
        # Drawn here and not on a page, so that the name lasts from page to page; and given as a default, so that in the session
        # after a restart of the server what the browser still shows is who works.
        st.sidebar.text_input(
            "Your name",
            session.settings().annotator,
            key="annotator",
            help=session.NAME_HELP,
            placeholder="a pseudonym",
        )
        try:
            chosen.run()
        except VerifierError:
            raise
        except Exception:  # noqa: BLE001  (the last place where a fault can become a sentence)
            _LOG.exception("The page %s could not be drawn.", chosen.title)
            st.error(BUG, icon=":material/bug_report:")


def draw_page(name: str) -> None:
    """Draw one page by its name."""
    session.remember(
        *verify.REMEMBERED,
        *claims.REMEMBERED,
        *annotate.REMEMBERED,
        *agreement.REMEMBERED,
        *adjudicate.REMEMBERED,
        *team.REMEMBERED,
        *export.REMEMBERED,
    )
    settings = session.settings()
    services = session.services(settings)
    session.draw_notices()
    with session.plain_errors():
        _PAGES[name][2](settings, services)
