"""The pages of work in a team, driven without a browser: the queue, what stands beside the text, and the page Team."""

from __future__ import annotations

from functools import cache

import pytest
import streamlit as st
from fakes import HashingEncoder, KeywordStance
from streamlit.testing.v1 import AppTest

from verifier import codebooks, pipeline
from verifier.config import load_settings
from verifier.domain import (
    AssignmentState,
    Conditions,
    LabelMethod,
    Layer,
    Level,
    Role,
    Span,
    VisitKind,
)
from verifier.pipeline import comments, roles, team
from verifier.store import open_store
from verifier.ui import annotator, session
from verifier.ui.beside import demoted
from verifier.ui.team import shown_seconds

TEXTS = {
    "mill.txt": "The so-called mill burned down, according to the Tarn news agency. Nobody was hurt.",
    "ferry.txt": "Пором затонув біля маяка, передає Укрінформ. Рятувальники прибули за годину.",
    "market.txt": "Рынок открылся в мае. Торговцы довольны.",
}
MANIFEST = "\n".join(
    f"- file: {name}\n  language: {language}\n  outlet: {{name: {outlet}, domain: {outlet.split()[0].lower()}.example}}\n"
    f"  published: 2031-05-03"
    for name, language, outlet in (
        ("mill.txt", "en", "Harbour Daily"),
        ("ferry.txt", "uk", "Saltmarsh Post"),
        ("market.txt", "ru", "Ridge Courier"),
    )
)

_CODEBOOKS = cache(codebooks.load_codebooks)
_LEXICONS = cache(codebooks.load_lexicons)


@pytest.fixture
def services(tmp_path, monkeypatch):
    """Services over three articles by three invented outlets, which the app finds through the environment."""
    monkeypatch.setenv("VERIFIER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VERIFIER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(codebooks, "load_codebooks", lambda: dict(_CODEBOOKS()))
    monkeypatch.setattr(codebooks, "load_lexicons", _LEXICONS)
    monkeypatch.setattr(session, "open_services", _open)
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    opened = _open(load_settings())
    pipeline.ingest(opened, [folder])
    yield opened
    opened.close()
    st.cache_resource.clear()
    st.cache_data.clear()


def _open(settings):
    return pipeline.Services(
        settings,
        store=open_store(settings.database_url),
        encoder=HashingEncoder(16),
        stance_model=KeywordStance(),
    )


def page(name, annotator="ada"):
    app = AppTest.from_string(
        "import streamlit as st\nfrom verifier.ui import navigation\n"
        "st.sidebar.text_input('Your name', key='annotator')\n"  # as the frame around every page has it
        f"navigation.draw_page({name!r})",
        default_timeout=30,
    )
    app.session_state["annotator"] = annotator
    return sound(app.run())


def sound(app):
    assert not app.exception, app.exception[0].value
    return app


def html(app):
    return "\n".join(element.proto.body for element in app.get("html"))


def keys(app, prefix):
    return [button.key for button in app.button if button.key and button.key.startswith(prefix)]


@pytest.fixture
def sent(monkeypatch):
    """What the annotator on the page was given last."""
    given = {}
    real = annotator.draw

    def draw(document, **rest):
        given.clear()
        given.update(rest, document=document)
        return real(document, **rest)

    monkeypatch.setattr(annotator, "draw", draw)
    return given


def share(services, *, people=("ada", "bo"), books=("wording", "provenance"), **conditions):
    documents = [d.document_id for d in services.store.documents()]
    return team.assign(
        services,
        document_ids=documents,
        annotator_ids=people,
        k=len(people),
        codebook_ids=books,
        by="olena",
        conditions=Conditions(**conditions),
    )


def label(services, document_id, name, quote_length=4):
    text = services.store.document(document_id).text
    return pipeline.label(
        services,
        document_id=document_id,
        codebook_id="wording",
        label_id="euphemism",
        annotator_id=name,
        level=Level.SPAN,
        span=Span.of(text, 0, quote_length),
    )


def go_to(services, app, language):
    """Have the queue show the document in a language, whichever is next; returns its id."""
    (wanted,) = [d.document_id for d in services.store.documents() if d.language == language]
    (item,) = [one for one in team.queue(services, "ada") if one.document_id == wanted]
    app.session_state["queue-item"] = item.assignment_id
    sound(app.run())
    return wanted


# ---- the queue


def test_without_assignments_there_is_no_queue(services):
    app = page("annotate")
    assert not keys(app, "queue-")
    assert app.selectbox(key="annotate-document").options


def test_a_queue_is_gone_through_with_one_button(services):
    share(services, outlet_hidden=False)
    first = team.next_item(services, "ada")
    app = page("annotate")
    assert app.button(key="queue-done").proto.shortcut == "ctrl+enter"
    assert "0 of 3 done" in app.main.get("progress")[0].proto.text
    sound(app.button(key="queue-done").click().run())
    assert services.store.assignment(first.assignment_id).state is AssignmentState.DONE
    assert "1 of 3 done" in app.main.get("progress")[0].proto.text
    reason = f"queue-reason-{team.next_item(services, 'ada').assignment_id}"
    sound(app.button(key="queue-skip-now").click().run())
    assert "Say why" in app.error[0].value
    app.selectbox(key=reason).set_value("a duplicate")
    sound(app.button(key="queue-skip-now").click().run())
    sound(app.button(key="queue-done").click().run())
    assert "Nothing is open" in html(app)
    assert [one.state.value for one in team.queue(services, "ada")] == ["done", "skipped", "done"]
    app.selectbox(key="queue-closed").set_value(first.assignment_id)
    sound(app.button(key="queue-reopen").click().run())
    assert team.next_item(services, "ada").assignment_id == first.assignment_id
    assert app.button(key="queue-done")


def test_time_is_recorded_from_opening_to_done(services):
    share(services)
    app = page("annotate")
    sound(app.run())
    sound(app.button(key="queue-done").click().run())
    first, second, _ = team.queue(services, "ada")
    kinds = [(visit.assignment_id, visit.kind) for visit in services.store.visits()]
    assert kinds == [(one.assignment_id, VisitKind.OPENED) for one in (first, second)]
    assert team.seconds_per_item(services)[first.assignment_id] > 0
    sound(app.segmented_control(key="annotate-mode").set_value("All documents").run())
    assert services.store.visits()[-1].kind is VisitKind.LEFT


def test_in_blind_work_outlet_and_others_stay_hidden(services, sent):
    share(services)
    item = team.next_item(services, "ada")
    label(services, item.document_id, "bo")
    label(services, item.document_id, "ada", 7)
    app = page("annotate")
    outlet = services.store.document(item.document_id).outlet
    assert outlet not in html(app)
    assert [one.annotator_id for one in sent["annotations"]] == ["ada"]
    assert sent["hidden"]
    assert not [toggle for toggle in app.toggle if toggle.key in {"annotate-blind", "annotate-suggest"}]
    assert "Set by the assignment: the outlet, others' labels, suggestions hidden." in html(app).replace(
        "&#x27;", "'"
    )


def test_choosing_an_assigned_document_oneself_does_not_lift_its_conditions(services, sent):
    share(services)
    item = team.next_item(services, "ada")
    label(services, item.document_id, "bo")
    app = page("annotate")
    sound(app.segmented_control(key="annotate-mode").set_value("All documents").run())
    sound(app.selectbox(key="annotate-document").set_value(item.document_id).run())
    assert sent["annotations"] == []
    outlets = {d.outlet for d in services.store.documents()}
    assert not [
        o for o in outlets if o in html(app) or o in str(app.selectbox(key="annotate-document").options)
    ]
    assert "set by the assignment" in html(app)


def test_what_is_done_is_read_only_until_it_is_opened_again(services, sent):
    share(services)
    item = team.next_item(services, "ada")
    app = page("annotate")
    assert not sent["readonly"]
    sound(app.button(key="queue-done").click().run())
    sound(app.segmented_control(key="annotate-mode").set_value("All documents").run())
    sound(app.selectbox(key="annotate-document").set_value(item.document_id).run())
    assert sent["readonly"]
    assert "set it down as done" in html(app)
    app.selectbox(key="annotate-document").set_value(team.next_item(services, "ada").document_id).run()
    assert not sent["readonly"]


def test_an_adjudicator_sees_what_others_labelled(services, sent):
    share(services)
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")
    document_id = min(d.document_id for d in services.store.documents())
    label(services, document_id, "bo")
    for name, expected in (("ivan", ["bo"]), ("stranger", [])):
        app = page("annotate", name)
        sound(app.selectbox(key="annotate-document").set_value(document_id).run())
        assert [one.annotator_id for one in sent["annotations"]] == expected


def test_the_page_read_keeps_to_it_as_well(services):
    share(services)
    document_id = team.next_item(services, "ada").document_id
    label(services, document_id, "bo")
    for name, seen in (("ada", False), ("olena", True)):
        app = page("read", name)
        sound(app.selectbox(key="document").set_value(document_id).run())
        sentence = services.store.sentences(document_id)[0].sentence_id
        sound(app.selectbox(key="sentence").set_value(sentence).run())
        assert ("by bo" in html(app)) is seen


def test_suggestions_are_shown_where_the_assignment_says_so(services, sent):
    share(services, suggestions_shown=True)
    go_to(services, page("annotate"), "en")
    assert sent["suggestions"]
    assert not sent["hidden"]


def test_an_edit_that_comes_late_keeps_the_conditions_of_its_document(services):
    from verifier.ui import annotate

    share(services, outlet_hidden=True)
    item = team.next_item(services, "ada")
    document = services.store.document(item.document_id)
    edit = {
        "op_id": "o1",
        "kind": "add",
        "annotation_id": "a1",
        "document_id": document.document_id,
        "text_sha256": document.sha256,
        "level": "span",
        "start": 0,
        "end": 4,
        "quote": document.text[:4],
        "codebook_id": "wording",
        "codebook_version": services.codebooks["wording"].version,
        "label": "euphemism",
        "method": "manual",
        "made_at": "2031-05-04T12:00:00Z",
    }
    open_work = Conditions(outlet_hidden=False, others_hidden=False)
    (answer,) = annotate._commit(services, [edit], name="ada", conditions=open_work)
    assert answer["accepted"]
    assert services.store.annotations()[0].blind


# ---- beside the text


def beside(app, side):
    return sound(app.segmented_control(key="annotate-side").set_value(side).run())


def test_guidelines_stand_beside_the_text(services):
    share(services)
    app = page("annotate")
    sound(app.selectbox(key="guideline-book").set_value("provenance").run())
    assert any("Labelling where news comes from" in one.value for one in app.markdown)
    sound(app.segmented_control(key="annotate-side").set_value(None).run())
    assert not app.markdown


def test_headings_are_made_small():
    assert demoted("# One\n\n## Two\ntext # three\n###### Six") == (
        "##### One\n\n###### Two\ntext # three\n###### Six"
    )


def test_provenance_is_suggested_and_recorded_as_accepted_or_rejected(services):
    share(services, suggestions_shown=True)
    app = beside(page("annotate"), "Document")
    document_id = go_to(services, app, "en")
    assert "according to" in html(app)
    assert services.store.annotations() == [], "a suggestion is not a label"
    sound(app.button(key=f"provenance-accept-{document_id}-relay").click().run())
    (given,) = services.store.annotations()
    assert (given.label, given.level, given.label_method) == (
        "relay",
        Level.DOCUMENT,
        LabelMethod.SUGGESTION_ACCEPTED,
    )
    assert (given.blind, given.suggestion_model) == (True, "attribution-cues 1.0")
    assert not keys(app, "provenance-accept-")
    assert app.checkbox(key=f"document-label-{document_id}-provenance-relay").value

    chain = app.text_input(key=f"document-chain-{document_id}")
    sound(chain.set_value("this paper ← Tarn").run())
    (noted,) = services.store.annotations()
    assert (noted.note, noted.label_method) == ("this paper ← Tarn", LabelMethod.SUGGESTION_ACCEPTED)

    sound(app.checkbox(key=f"document-label-{document_id}-provenance-relay").uncheck().run())
    assert services.store.annotations() == []

    document_id = go_to(services, app, "uk")
    sound(app.button(key=f"provenance-reject-{document_id}-relay").click().run())
    (refused,) = services.store.annotations()
    assert (refused.layer, refused.label_method) == (Layer.SUGGESTION, LabelMethod.SUGGESTION_REJECTED)
    assert not keys(app, "provenance-accept-")
    assert not app.checkbox(key=f"document-label-{document_id}-provenance-relay").value


def test_without_suggestions_the_form_is_empty_and_takes_labels(services):
    share(services, suggestions_shown=False)
    app = beside(page("annotate"), "Document")
    document_id = team.next_item(services, "ada").document_id
    assert not keys(app, "provenance-")
    for label_id in ("origin", "official-source"):
        sound(app.checkbox(key=f"document-label-{document_id}-provenance-{label_id}").check().run())
    assert {(a.label, a.label_method, a.annotator_id) for a in services.store.annotations()} == {
        ("origin", LabelMethod.MANUAL, "ada"),
        ("official-source", LabelMethod.MANUAL, "ada"),
    }


def test_notes_go_between_annotator_and_adjudicator(services):
    share(services)
    roles.give_role(services, "ivan", Role.ADJUDICATOR, by="olena")
    document_id = team.next_item(services, "ada").document_id
    comments.comment(services, document_id=document_id, text="I think it is loaded.", by="bo")
    app = beside(page("annotate"), "Notes")
    assert "I think it is loaded." not in html(app)
    app.text_area(key="note-text").set_value("Is <b>this</b> a quote?")
    app.selectbox(key="note-to").set_value("ivan")
    (send,) = [b for b in app.button if b.label == "Send"]
    sound(send.click().run())
    (asked,) = comments.comments(services, document_id, by="ada")
    assert (asked.text, asked.to_id) == ("Is <b>this</b> a quote?", "ivan")
    assert "Is &lt;b&gt;this&lt;/b&gt; a quote?" in html(app)
    assert "bo" not in app.selectbox(key="note-to").options

    other = page("annotate", "ivan")
    sound(other.selectbox(key="annotate-document").set_value(document_id).run())
    beside(other, "Notes")
    assert "I think it is loaded." in html(other)
    sound(other.button(key=f"note-settle-{asked.comment_id}").click().run())
    assert comments.comments(services, document_id, by="ada")[0].resolved_by == "ivan"
    sound(app.run())
    assert "settled by ivan" in html(app)
    sound(app.button(key=f"note-withdraw-{asked.comment_id}").click().run())
    assert comments.comments(services, document_id, by="ada") == []


# ---- the page Team


def test_a_team_is_made_on_its_page(services):
    app = page("team", "olena")
    assert "Nobody has a role yet" in html(app)
    for name, role in (("ivan", "adjudicator"), ("ada", "annotator")):
        app.text_input(key="team-who").set_value(name)
        app.selectbox(key="team-role").set_value(role)
        sound(app.button(key="team-give").click().run())
    assert {one.annotator_id: one.role for one in services.store.annotators()} == {
        "ada": Role.ANNOTATOR,
        "ivan": Role.ADJUDICATOR,
        "olena": Role.ADMIN,
    }
    for language in ("en", "uk"):
        sound(app.button(key=f"team-add-{language}").click().run())
    app.multiselect(key="team-people").set_value(["ada", "olena"])
    app.multiselect(key="team-books").set_value(["wording"])
    app.number_input(key="team-k").set_value(2)
    app.toggle(key="team-suggestions").set_value(True)
    sound(app.button(key="team-assign").click().run())
    assert "4 assignments made" in app.success[0].value
    made = services.store.assignments()
    assert {one.annotator_id for one in made} == {"ada", "olena"}
    assert {one.conditions for one in made} == {Conditions(suggestions_shown=True)}
    sound(app.button(key="team-assign").click().run())
    assert "assigned already" in app.success[0].value
    assert services.store.assignments() == made
    assert list(app.dataframe[0].value["Who"]) == ["ada", "ivan", "olena", "all together"]


def test_an_error_on_the_team_page_is_a_sentence(services):
    app = page("team", "olena")
    sound(app.button(key="team-assign").click().run())
    assert "at least one person" in app.error[0].value


def test_who_is_no_admin_sees_how_far_all_are_and_changes_nothing(services):
    share(services)
    for name in ("ada", "stranger", ""):
        app = page("team", name)
        assert not keys(app, "team-")
        assert len(app.dataframe[0].value) == 4


def test_skipped_items_are_listed_with_their_reason_and_put_back(services):
    share(services)
    item = team.next_item(services, "ada")
    team.skip(services, item.assignment_id, "<i>unreadable</i>", by="ada")
    app = page("team", "olena")
    assert "&lt;i&gt;unreadable&lt;/i&gt;" in html(app)
    sound(app.button(key="team-put-back").click().run())
    assert services.store.assignment(item.assignment_id).state is AssignmentState.OPEN


@pytest.mark.parametrize(
    ("seconds", "expected"), [(None, "–"), (0, "0:00 min"), (65.4, "1:05 min"), (119.6, "2:00 min")]
)
def test_times_are_told_in_minutes(seconds, expected):
    assert shown_seconds(seconds) == expected
