"""The annotator in a real browser, on a page of its own with a file of operations for a store."""

from __future__ import annotations

import shutil

import pytest
from browser_annotator.app_texts import TEXTS
from browser_annotator.desk import PLACES, SETTLES_WITHIN_S, Desk, exact
from browser_annotator.server import Server

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
playwright = pytest.importorskip(
    "playwright.sync_api", reason="the browser tests need the package playwright"
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="the browser tests need chromium; install the package chromium"
    ),
]


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server for the tests that leave it alone; each has an annotator of its own."""
    server = Server(tmp_path_factory.mktemp("annotator"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SETTLES_WITHIN_S * 1000)
    yield context
    context.close()


def test_words_are_selected_by_mouse_exactly_whatever_they_are_written_in(context, shared):
    desk = Desk(context, shared, doc="ru", user="mouse")
    desk.drag("Министр")
    desk.press("1")
    desk.drag("катастрофой")
    desk.press("2")
    desk.drag("👨\u200d👩\u200d👧")
    desk.press("3")
    desk.drag("причин", until="Второй")
    desk.press("4")
    desk.drag("конец")
    desk.page.get_by_role("toolbar").get_by_text("speculation").click()
    assert exact(desk.saved(5)) == [
        ("loaded", "Министр"),
        ("unattributed", "катастрофой"),
        ("quote", "👨\u200d👩\u200d👧"),
        ("figure", "причин.\r\nВторой"),
        ("speculation", "конец"),
    ]
    desk.close()
    desk = Desk(context, shared, doc="marks", user="mouse")
    desk.drag("cafe\u0301", until="Zu\u0308rich")
    desk.press("1")
    desk.drag("nai", until="ve")
    desk.press("9")
    assert exact(desk.saved(2)) == [
        ("loaded", "cafe\u0301 in Zu\u0308rich"),
        ("other", "nai\u0308ve"),
    ]
    desk.close()
    desk = Desk(context, shared, doc="ar", user="mouse")
    desk.drag("النقاد", rtl=True)
    desk.press("1")
    desk.drag("قال", until="الوزير", rtl=True)
    desk.press("2")
    assert exact(desk.saved(2)) == [("loaded", "النقاد"), ("unattributed", "قال الوزير")]
    desk.close()


def test_a_selection_across_paragraphs_and_spans_that_overlap(context, shared):
    desk = Desk(context, shared, user="overlap")
    desk.drag("Critics", until="Second")
    desk.press("2")
    desk.drag("call the plan a disaster")
    desk.press("1", "5")
    desk.drag("disaster", until="Some")
    desk.press("6")
    ops = desk.saved(4)
    assert exact(ops)[0] == (
        "unattributed",
        "Critics call the plan a disaster. Some disagree.\n\nSecond",
    )
    where = desk.page.locator("mark", has_text="disaster")
    assert where.get_attribute("title").count("(yours)") == 4
    # Every label is written out where its span ends.
    tags = " · ".join(
        desk.text.locator("mark[data-tag]").evaluate_all("all => all.map(one => one.dataset.tag)")
    )
    assert sorted(tags.split(" · ")) == [
        "loaded language",
        "speculation",
        "unattributed claim",
        "us versus them",
    ]
    desk.page.reload()
    desk.ready()
    assert desk.state("annotations") == "4"
    assert desk.text.evaluate("one => one.textContent") == TEXTS["en"][1]
    desk.close()


def test_the_selection_stays_while_the_page_is_drawn_again(context, shared):
    desk = Desk(context, shared, user="storm", slow="0.3")
    words = [
        "minister",
        "plan",
        "would",
        "save",
        "lives",
        "Critics",
        "call",
        "disaster",
        "Some",
        "Second",
        "nobody",
    ]
    for number, word in enumerate(words):
        desk.drag(word)
        desk.press(str(number % 9 + 1))
    assert sorted(quote for _, quote in exact(desk.saved(len(words)))) == sorted(words)
    desk.close()


def test_a_double_click_takes_a_word_also_where_there_is_a_mark(context, shared):
    desk = Desk(context, shared, user="double")
    desk.drag("Critics call the plan")
    desk.press("1")
    place = desk.page.evaluate(PLACES, ["call", "call"])["first"]
    desk.page.mouse.dblclick(place["left"] + 2, place["top"] + 5)
    desk.press("2")
    assert exact(desk.saved(2))[1] == ("unattributed", "call")
    desk.close()


def test_all_is_done_by_keyboard_alone(context, shared):
    desk = Desk(context, shared, user="keys")
    desk.page.get_by_role("textbox", name="Text to annotate").focus()
    desk.press("ArrowRight", "ArrowRight", "Shift+ArrowRight", "1")  # minister said
    desk.press(
        "ArrowDown", "Shift+ArrowDown", "4", "w"
    )  # two labels on the second sentence, the ninth by its own key
    ops = desk.saved(3)
    assert exact(ops) == [
        ("loaded", "minister said"),
        ("figure", "Critics call the plan a disaster."),
        ("other", "Critics call the plan a disaster."),
    ]
    desk.press("Escape", "p", "p", "p", "p")  # wraps around
    assert desk.state("hand")
    desk.press("n", "Tab", "Shift+Tab", "i", "i", "c")
    desk.press("t")
    desk.page.keyboard.type("critics 123")
    desk.press("Escape", "e")
    desk.page.keyboard.type("n a x 1")
    desk.press("Escape")
    last = desk.saved(8)[-1]
    assert (last["kind"], last["intensity"], last["confidence"]) == ("change", 2, 1)
    assert (last["target"], last["note"]) == ("critics 123", "n a x 1")
    desk.press("]", "ArrowUp", "ArrowUp", "1")
    assert desk.saved(9)[-1]["codebook_id"] == "origin"
    desk.press("Delete")
    desk.saved(10)
    assert desk.state("annotations") == "3"
    desk.close()


def test_one_label_a_place_where_the_codebook_says_so(context, shared):
    desk = Desk(context, shared, user="single")
    desk.drag("minister")
    desk.press("]", "1", "2", "2")
    ops = desk.saved(2)
    assert [(op["kind"], op["label"]) for op in ops] == [("add", "wire"), ("change", "witness")]
    assert len({op["annotation_id"] for op in ops}) == 1
    desk.close()


def test_arrows_follow_right_to_left_text(context, shared):
    desk = Desk(context, shared, doc="ar", user="rtl")
    desk.text.focus()
    desk.press("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "1")
    assert exact(desk.saved(1)) == [("loaded", "الوزير إن")]
    desk.close()


def test_the_palette_offers_every_label_of_every_codebook(context, shared):
    desk = Desk(context, shared, user="palette")
    desk.drag("minister")
    desk.press("/")
    palette = desk.page.get_by_role("dialog", name="Choose a label")
    assert palette.get_by_role("option").count() == 12
    desk.page.keyboard.type("wire")
    assert palette.get_by_role("option").count() == 1
    assert "An agency's report." in palette.inner_text()
    assert "the agency says" in palette.inner_text()
    desk.press("Enter")
    palette.wait_for(state="hidden")
    assert exact(desk.saved(1)) == [("wire", "minister")]
    assert desk.text.evaluate("one => one === document.activeElement")
    desk.press("Enter", "ArrowDown", "ArrowDown", "Enter")
    assert desk.saved(2)[-1]["label"] == "quote"
    desk.close()


def test_undo_and_redo_are_operations_of_their_own(context, shared):
    desk = Desk(context, shared, user="undo")
    desk.drag("minister")
    desk.press("1", "2", "Control+z")
    assert desk.state("annotations") == "1"
    desk.press("Control+z")
    assert desk.state("annotations") == "0"
    desk.press("Control+Shift+z", "Control+y")
    assert desk.state("annotations") == "2"
    kinds = [op["kind"] for op in desk.saved(6)]
    assert kinds == ["add", "add", "withdraw", "withdraw", "add", "add"]
    desk.page.reload()
    desk.ready()
    assert desk.state("annotations") == "2"
    desk.close()


def test_suggestions_are_set_apart_and_taken_or_refused_by_one_key(context, shared):
    desk = Desk(context, shared, user="suggest", suggest=1)
    assert desk.state("suggestions") == "3"
    assert desk.text.locator("mark.cva-suggestion").count() == 3
    desk.text.focus()
    desk.press("s", "a")
    desk.press("s", "x")
    ops = desk.saved(2)
    assert [(op["method"], op["suggestion_id"]) for op in ops] == [
        ("suggestion-accepted", "s-save lives"),
        ("suggestion-rejected", "s-disaster"),
    ]
    assert (desk.state("suggestions"), desk.text.locator("mark.cva-own").count()) == ("1", 1)
    desk.press("Control+z")
    desk.saved(3)
    desk.page.locator('.cva[data-suggestions="2"]').wait_for()
    desk.page.reload()
    desk.ready()
    assert desk.state("suggestions") == "2"
    desk.close()


def test_a_refused_edit_is_shown_with_its_reason_until_it_is_dismissed(context, shared):
    desk = Desk(context, shared, user="refused")
    desk.drag("minister")
    desk.press("1")
    desk.drag("disaster")
    desk.page.get_by_role("toolbar").get_by_text("refused label").click()
    alert = desk.page.get_by_role("alert").filter(has_text="This label is for nobody.")
    alert.wait_for()
    assert "disaster" in alert.inner_text()
    assert exact(desk.saved(1)) == [("loaded", "minister")]
    assert desk.text.locator("mark").count() == 1
    desk.page.reload()
    desk.ready()
    alert.wait_for()
    alert.get_by_role("button", name="Dismiss").click()
    alert.wait_for(state="hidden")
    assert desk.state("rejected") == "0"
    desk.close()


def test_keys_typed_elsewhere_and_in_the_fields_label_nothing(context, shared):
    desk = Desk(context, shared, user="elsewhere")
    desk.drag("minister")
    desk.press("1")
    field = desk.page.get_by_label("elsewhere")
    field.click()
    field.type("123anx/?")
    field.press("Enter")
    desk.page.get_by_label("Note").click()
    desk.page.keyboard.type("12 a")
    desk.press("Tab")
    ops = desk.saved(2)
    assert [(op["kind"], op["note"]) for op in ops] == [("add", ""), ("change", "12 a")]
    assert field.input_value() == "123anx/?"
    desk.close()


def test_hostile_text_is_shown_letter_for_letter_and_never_runs(context, shared):
    desk = Desk(context, shared, doc="hostile", user="hostile")
    assert desk.text.evaluate("one => one.textContent") == TEXTS["hostile"][1]
    desk.drag("<script>")
    desk.press("1", "e")
    desk.page.keyboard.type("<img src=x onerror='window.pwned=1'>")
    desk.press("Escape")
    desk.saved(2)
    desk.page.reload()
    desk.ready()
    desk.click("<script>")
    assert desk.page.get_by_label("Note").input_value().startswith("<img")
    assert desk.page.locator('img[src="x"]').count() == 0
    assert desk.page.evaluate("window.pwned") is None
    desk.close()


def test_others_annotations_are_told_apart_and_cannot_be_changed(context, shared):
    first = Desk(context, shared, user="ink", doc="hostile")
    first.drag("plain words")
    first.press("1")
    first.saved(1)
    first.close()
    desk = Desk(context, shared, user="quill", doc="hostile", others=1)
    mark = desk.text.locator("mark.cva-other", has_text="plain words")
    assert mark.get_attribute("data-tag") == "ink: loaded language"
    desk.click("plain")
    assert "by ink" in desk.page.get_by_label("Annotation in hand").inner_text()
    assert desk.page.get_by_label("Note").count() == 0
    desk.press("Delete")
    assert "Only its author" in desk.said()
    desk.drag("plain words")
    desk.press("1")
    desk.saved(1)
    assert mark.get_attribute("class").split()[1:3] == ["cva-other", "cva-own"]
    desk.close()
    blind = Desk(context, shared, user="blot", doc="hostile", others=1, hidden=1)
    assert blind.text.locator("mark").count() == 0
    blind.close()
    reader = Desk(context, shared, user="quill", doc="hostile", readonly=1)
    reader.drag("end")
    reader.press("1", "/", "Enter")
    assert "can only be read" in reader.said()
    assert reader.state("pending") == "0"
    assert len(reader.ops()) == 1
    reader.close()


def test_roles_and_names_for_screen_readers(context, shared):
    desk = Desk(context, shared, user="reader")
    page = desk.page
    assert page.get_by_role("toolbar", name="Labels").get_by_role("button").count() == 10
    assert page.get_by_role("combobox", name="Codebook").count() == 1
    status = page.locator(".cva-status")
    assert (status.get_attribute("role"), status.inner_text()) == ("status", "Saved")
    assert page.locator(".cva-live").get_attribute("aria-live") == "polite"
    desk.text.focus()
    desk.press("ArrowRight", "ArrowRight")
    assert desk.said() == "minister"
    outline = desk.text.evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    desk.press("1")
    assert desk.said() == "Labelled “minister” as loaded language."
    assert page.get_by_role("radiogroup", name="Intensity").get_by_role("radio").count() == 4
    desk.press("Enter")
    field = page.get_by_role("combobox", name="Filter labels")
    active = field.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    desk.press("Escape", "?")
    assert "Ctrl+Z" in page.get_by_role("dialog", name="Keyboard shortcuts").inner_text()
    desk.press("Escape")
    page.get_by_role("toolbar").get_by_role("button").first.focus()
    desk.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent").endswith("unattributed claim")
    desk.saved(1)
    desk.close()


def test_a_reload_or_a_closed_tab_loses_nothing(context, shared):
    desk = Desk(context, shared, user="closed", late=3)
    desk.drag("minister")
    desk.press("1")
    assert desk.page.locator(".cva-status").inner_text() == "1 unsaved"
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.drag("disaster")
    desk.press("2", "e")
    desk.page.keyboard.type("half a not")  # never left the field
    desk.page.close(run_before_unload=False)
    desk = Desk(context, shared, user="closed")
    ops = desk.saved(3)
    assert [op["note"] for op in ops] == ["", "", "half a not"]
    assert desk.state("annotations") == "2"
    desk.close()


def test_two_tabs_of_one_person_lose_and_double_nothing(context, shared):
    one = Desk(context, shared, user="tabs")
    two = Desk(context, shared, user="tabs")
    for number, word in enumerate(["minister", "disaster", "Second"]):
        one.page.bring_to_front()
        one.drag(word)
        one.press(str(number + 1))
        two.page.bring_to_front()
        two.drag(word)
        two.press(str(number + 4))
    one.saved(6)
    two.saved(6)
    assert (
        one.page.evaluate(
            "Object.keys(localStorage).filter(key => key.startsWith('verifier-annotator')).length"
        )
        == 0
    )
    one.page.reload()
    one.ready()
    assert one.state("annotations") == "6"
    one.close()
    two.close()


def test_a_server_that_was_killed_while_nothing_was_under_way_gets_what_came_after(context, server):
    desk = Desk(context, server, user="idle")
    desk.drag("minister")
    server.kill()
    desk.page.wait_for_timeout(
        1500
    )  # until Streamlit knows that nobody is there: it then sends nothing by itself later
    desk.press("1")
    server.start()
    assert exact(desk.saved(1)) == [("loaded", "minister")]
    desk.press("2")  # and on in the fragment
    desk.saved(2)
    desk.close()


def test_what_one_person_could_not_save_is_not_sent_as_anothers(context, shared):
    desk = Desk(context, shared, user="first", switch="second", late=2)
    desk.drag("minister")
    desk.press("1", "e")
    desk.page.keyboard.type("mine")
    desk.page.get_by_role("button", name="Let second work").click()
    desk.page.locator('.cva[data-annotations="0"]').wait_for()
    desk.drag("disaster")
    desk.press("2")
    desk.query["user"] = "second"
    assert exact(desk.saved(1)) == [("unattributed", "disaster")]
    desk.close()
    desk = Desk(context, shared, user="first")
    ops = desk.saved(2)
    assert [(op["quote"], op["note"]) for op in ops] == [("minister", ""), ("minister", "mine")]
    desk.close()


def test_touch_selects_and_labels(chromium, shared):
    context = chromium.new_context(viewport={"width": 420, "height": 800}, has_touch=True)
    context.set_default_timeout(SETTLES_WITHIN_S * 1000)
    desk = Desk(context, shared, user="touch")
    # As the handles of a long press do, which cannot be driven here.
    desk.page.evaluate(
        """() => {
          const words = document.querySelector(".cva-text span span").firstChild;
          document.getSelection().setBaseAndExtent(words, 4, words, 12);
        }"""
    )
    desk.page.get_by_role("toolbar").get_by_text("loaded language").tap()
    assert exact(desk.saved(1)) == [("loaded", "minister")]
    desk.page.locator("mark").tap()
    desk.page.get_by_role("radiogroup", name="Intensity").get_by_role("radio", name="3").tap()
    assert desk.saved(2)[-1]["intensity"] == 3
    desk.page.get_by_role("button", name="Withdraw").tap()
    assert desk.saved(3)[-1]["kind"] == "withdraw"
    desk.close()
    context.close()


def test_a_killed_server_loses_nothing(context, server):
    desk = Desk(context, server, user="outage")
    desk.drag("minister")
    desk.press("1")
    desk.saved(1)
    server.kill()
    desk.drag("disaster")
    desk.press("2", "3")
    desk.drag("Second")
    desk.press("4")
    assert desk.page.locator(".cva-status").inner_text() == "3 unsaved"
    assert desk.state("annotations") == "4"
    server.start()
    assert [label for label, _ in exact(desk.saved(4))] == ["loaded", "unattributed", "quote", "figure"]
    # While it is down the tab closes, too; the next tab brings what was left.
    server.kill()
    desk.drag("Critics")
    desk.press("5")
    desk.page.close(run_before_unload=False)
    server.start()
    desk = Desk(context, server, user="outage")
    assert desk.saved(5)[-1]["label"] == "speculation"
    assert len({op["op_id"] for op in desk.ops()}) == 5
    desk.close()


def test_the_browser_warns_before_unsaved_edits_are_left(context, server):
    desk = Desk(context, server, user="warned")
    desk.drag("minister")
    server.kill()
    desk.press("1")
    asked = []
    desk.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.page.close(run_before_unload=True)
    desk.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert desk.state("pending") == "1"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1920), ("light", 420)])
def test_it_fits_the_screen(context, shared, scheme, width):
    desk = Desk(context, shared, user="fits", suggest=1)
    desk.page.emulate_media(color_scheme=scheme)
    desk.page.set_viewport_size({"width": width, "height": 800})
    desk.click("disaster")
    desk.press("/")
    assert desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    desk.close()
