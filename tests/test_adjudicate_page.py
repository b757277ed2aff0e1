"""The page Adjudicate, driven without a browser: decisions side by side, settled by one key, and shown to annotators afterwards."""

from __future__ import annotations

from functools import cache

import pytest
import streamlit as st
from fakes import HashingEncoder, KeywordStance
from streamlit.testing.v1 import AppTest

from verifier import codebooks, pipeline
from verifier.config import load_settings
from verifier.domain import Layer, Level, Role, Span
from verifier.pipeline import roles
from verifier.store import open_store
from verifier.ui import decision, session

TEXT = "The <b>so-called</b> liberators left the port at noon. The port was calm, and the port was shut."
_CODEBOOKS = cache(codebooks.load_codebooks)


def _open(settings):
    return pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(256),
        stance_model=KeywordStance(),
    )


@pytest.fixture
def services(tmp_path, monkeypatch):
    """Services on the database that the page opens too, with one text that Ada and Boris label."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(codebooks, "load_codebooks", lambda: dict(_CODEBOOKS()))
    monkeypatch.setattr(codebooks, "load_lexicons", dict)
    monkeypatch.setattr(session, "open_services", _open)
    (tmp_path / "port.txt").write_text(TEXT, encoding="utf-8")
    opened = _open(load_settings())
    pipeline.ingest(opened, [tmp_path / "port.txt"])
    yield opened
    opened.close()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def say(services):
    (document,) = services.store.documents()

    def label(who, words, label_id="euphemism", **more):
        start = TEXT.index(words)
        pipeline.label(
            services,
            document_id=document.document_id,
            codebook_id="wording",
            label_id=label_id,
            annotator_id=who,
            level=Level.SPAN,
            span=Span.of(document.text, start, start + len(words)),
            **more,
        )

    return label


@pytest.fixture
def disputed(say):
    """They agree on one label, differ in the words of another, and Boris alone gives a third."""
    say("ada", "so-called", note="<i>quotes</i>")
    say("boris", "<b>so-called</b> liberators")
    for who in ("ada", "boris"):
        say(who, "calm", "hedging")
    say("boris", "shut", "loaded-word")


def _page(annotator="olena", **query):
    app = AppTest.from_string(
        "from verifier.ui import adjudicate, session\n"
        "session.draw_notices()\n"
        "settings = session.settings()\n"
        "with session.plain_errors():\n"
        "    adjudicate.draw(settings, session.services(settings))",
        default_timeout=60,
    )
    app.session_state["annotator"] = annotator
    for key, value in query.items():
        app.query_params[key] = value
    return _sound(app.run())


def _sound(app):
    assert not app.exception, app.exception[0].value
    return app


def _html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def _press(app, key):
    return _sound(app.button(key=key).click().run())


def _golds(services):
    return sorted((g.span.quote, g.label) for g in services.store.annotations(layer=Layer.GOLD))


def test_nothing_labelled_is_said(services):
    assert "nothing to decide" in _html(_page())


def test_who_has_no_name_is_asked_for_one(services, disputed):
    assert session.NAME_MISSING in _html(_page(annotator=""))


def test_labels_stand_side_by_side_and_differences_are_marked_without_colour(services, disputed):
    app = _page()
    shown = _html(app)
    assert "same label, other words · open" in shown
    assert shown.count('class="cv-hand"') == 2
    assert "‹" in shown
    assert "0 of 3 decided on this text" in app.get("progress")[0].proto.text
    assert "&lt;b&gt;" in shown
    assert "<i>quotes" not in shown
    assert "<b>so-called" not in shown


def test_the_definition_stands_beside(services, disputed):
    definition = services.codebooks["wording"].label("euphemism").definition
    assert decision.html_text(definition) in _html(_page())


def test_every_way_to_settle_has_a_key(services, disputed):
    app = _page()
    keys = {button.key: button.proto.shortcut for button in app.button if button.proto.shortcut}
    assert {
        "keep-0": "1",
        "keep-1": "2",
        "merge-union": "u",
        "reject": "x",
        "new": "n",
        "accept-here": "a",
    }.items() <= {key: shortcut.lower() for key, shortcut in keys.items()}.items()
    assert len(set(keys.values())) == len(keys)


def test_keeping_settles_and_goes_on_to_the_next(services, disputed):
    app = _page()
    app.text_input[0].set_value("the whole phrase")
    _press(app, "keep-0")
    (gold,) = services.store.annotations(layer=Layer.GOLD)
    assert (gold.note, gold.annotator_id) == ("the whole phrase", "olena")
    assert "all agree · open" in _html(app)
    _press(app, "keep-0")
    assert "by one only · open" in _html(app)
    _press(app, "reject")
    assert "3 of 3 decided" in app.get("progress")[0].proto.text
    assert len(_golds(services)) == 2


def test_words_are_joined_or_cut_to_those_in_common(services, disputed):
    app = _page()
    _press(app, "merge-common")
    assert _golds(services) == [("so-called", "euphemism")]
    _press(app, "case-previous")
    _press(app, "merge-union")
    assert _golds(services) == [("<b>so-called</b> liberators", "euphemism")]


def test_new_gold_is_chosen_word_by_word(services, disputed):
    app = _page()
    slider = app.select_slider[0]
    words = [option.replace("\N{WORD JOINER}", "") for option in slider.options]
    assert len(set(slider.options)) == len(words) > len(set(words))
    at = words.index("liberators")
    slider.set_value((at, at + 1)).run()
    _press(app, "new")
    assert "Choose a label" in app.error[0].value
    label = next(box for box in app.selectbox if box.label == "New label")
    label.set_value("loaded-word").run()
    _press(app, "new")
    assert _golds(services) == [("liberators left", "loaded-word")]


def test_parts_of_words_are_typed(services, disputed):
    app = _page()
    next(box for box in app.selectbox if box.label == "New label").set_value("loaded-word").run()
    typed = next(box for box in app.text_input if box.label == "Or exactly these words")
    typed.set_value("port").run()
    _press(app, "new")
    assert "more than once" in app.error[0].value
    next(box for box in app.text_input if box.label == "Or exactly these words").set_value("calle").run()
    _press(app, "new")
    assert _golds(services) == [("calle", "loaded-word")]


def test_what_all_agree_on_is_accepted_in_one_go_and_can_be_reopened(services, disputed):
    app = _page()
    _press(app, "accept-here")
    assert _golds(services) == [("calm", "hedging")]
    assert app.button(key="accept-all").disabled
    _press(app, "case-next")
    assert "accepted, as all agreed" in _html(app)
    _press(app, "reopen")
    assert _golds(services) == []
    assert "all agree · open" in _html(app)


def test_after_accepting_the_next_key_meets_an_open_decision(services, disputed):
    app = _page()
    _press(app, "case-next")
    assert "all agree · open" in _html(app)
    _press(app, "accept-here")
    _press(app, "reject")
    assert _golds(services) == [("calm", "hedging")]


def test_several_readings_are_kept_together(services, say):
    say("ada", "so-called")
    say("ada", "so-called", "loaded-word")
    say("boris", "so-called</b> liberators", "loaded-word")
    app = _page()
    app.multiselect[0].set_value([0, 1]).run()
    _press(app, "keep-several")
    assert _golds(services) == [("so-called", "euphemism"), ("so-called", "loaded-word")]


def test_settled_decisions_can_be_left_out(services, disputed):
    app = _page()
    _press(app, "accept-here")
    app.toggle(key="adjudicate-open").set_value(True).run()
    assert len(app.selectbox(key="adjudicate-case").options) == 2


def test_somebody_else_settling_it_first_is_told(services, disputed):
    app, other = _page(), _page("petro")
    _press(app, "reject")
    _press(other, "keep-0")
    assert "settled this meanwhile" in other.error[0].value
    assert _golds(services) == []


def test_annotators_see_their_differences_and_no_decisions(services, disputed):
    app = _page()
    app.text_input[0].set_value("name the <group>").run()
    boris = next(b.key for b in app.button if b.label.startswith("Keep") and "boris" in b.label)
    _press(app, boris)
    roles.give_role(services, "ada", Role.ANNOTATOR, by="olena")
    ada = _page("ada")
    shown = _html(ada)
    assert "Gold is on other words" in shown
    assert "name the &lt;group&gt;" in shown
    assert not [button.key for button in ada.button if button.key.startswith("keep-")]
    for name in ("boris", "stranger"):
        assert "Nothing that was decided differs" in _html(_page(name))
