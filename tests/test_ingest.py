"""Reading documents: formats, metadata and who wins, ids that last, aggregator pages, and every refusal named."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from verifier.config import IngestSettings
from verifier.domain import Document, Refusal, utc_now
from verifier.errors import IngestError
from verifier.ingest import IngestOptions, read_documents, restore

SETTINGS = IngestSettings()
BODY = "The dam above Port Vessel held overnight, the governor said. Nobody was hurt."


def read(*paths, options=None, settings=SETTINGS):
    found = list(
        read_documents(
            [Path(path) for path in paths],
            options=options or IngestOptions(),
            settings=settings,
            now=utc_now(),
        )
    )
    documents = [item for item in found if isinstance(item, Document)]
    refusals = [item for item in found if isinstance(item, Refusal)]
    return documents, refusals


def one(path, **more):
    documents, refusals = read(path, **more)
    assert refusals == []
    (document,) = documents
    return document


# --- aggregator pages ------------------------------------------------------------------------------------------------

PAGE = """logo
Envoy puts harbour talks off until winter

Envoy puts harbour talks off until winter

Vessel Posta day ago

Nobody will talk about the harbour before the ferries stop, the envoy said.
Background:
The last round ended without a date.
Support Ferry Gazette on Patreon!

Green banner

Comments

Be the first to comment!

Related Articles

The dam held. What will the mayor do now?
The dam held. What will the mayor do now?

Vessel Post

time21 minutes ago

  • Vessel Post

The dam held. What will the mayor do now?

The dam above Port Vessel held overnight. The mayor has said nothing yet.

Ferry strike, day three: a deal, but no ferries
Ferry strike, day three: a deal, but no ferries

The Quay

time2 hours ago

  • The Quay

Ferry strike, day three: a deal, but no ferries

(Agency) -The ferry union and the port signed a deal on Monday. No ferry left.

GET THE APP

Every Ferry, One Screen

app-storeplay-store"""


def test_an_aggregator_page_becomes_its_articles(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    documents, refusals = read(tmp_path / "page.txt")
    assert refusals == []
    assert [document.outlet for document in documents] == ["Vessel Post", "Vessel Post", "The Quay"]
    assert [document.text.splitlines()[0] for document in documents] == [
        document.title for document in documents
    ]
    assert documents[1].text == (
        "The dam held. What will the mayor do now?\n\n"
        "The dam above Port Vessel held overnight. The mayor has said nothing yet."
    )
    assert documents[0].text.endswith("The last round ended without a date.")
    assert documents[2].text.endswith("No ferry left.")
    assert "".join(restore(document) for document in documents) == PAGE
    assert len({document.document_id for document in documents}) == 3


def test_a_manifest_says_whose_the_articles_of_a_page_are(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "manifest.yaml").write_text(
        """
- file: page.txt
  language: en
  outlet: {name: Ferry Gazette, domain: ferry.example, country: XV}
  aggregator: Bundle
  published: 2031-01-14
  url: https://bundle.example/1
  relay: [Bundle, Vessel Post, Ferry Gazette]
  further_articles:
    - {title_begins: "Ferry strike", outlet: Quay Weekly, relay: [Quay Weekly, Agency]}
""",
        encoding="utf-8",
    )
    documents, _ = read(tmp_path)
    assert [document.outlet for document in documents] == ["Ferry Gazette", "Vessel Post", "Quay Weekly"]
    assert [document.relay for document in documents] == [
        ("Bundle", "Vessel Post", "Ferry Gazette"),
        (),
        ("Quay Weekly", "Agency"),
    ]
    assert [document.country for document in documents] == ["XV", "", ""]
    assert [document.published_at for document in documents] == [date(2031, 1, 14), None, None]
    assert len({document.document_id for document in documents}) == 3
    assert {document.acquisition.aggregator for document in documents} == {"Bundle"}


def test_a_page_that_only_repeats_its_title_is_one_article(tmp_path):
    (tmp_path / "page.txt").write_text(
        f"The dam held overnight\nThe dam held overnight\n\n{BODY}", encoding="utf-8"
    )
    assert one(tmp_path / "page.txt").title == "The dam held overnight"


# --- metadata --------------------------------------------------------------------------------------------------------


def test_options_win_over_the_manifest_and_the_manifest_over_the_file(tmp_path):
    (tmp_path / "a.txt").write_text(
        f"---\noutlet: From The File\nlanguage: uk\npublished: 2031-01-01\ntitle: A title\n---\n{BODY}",
        encoding="utf-8",
    )
    (tmp_path / "manifest.yaml").write_text(
        "- {file: a.txt, outlet: From The Manifest, language: ru, country: NO, relay: One}", encoding="utf-8"
    )
    document = one(tmp_path, options=IngestOptions(outlet="From The Option"))
    assert document.outlet == "From The Option"
    assert document.language == "ru"
    assert document.published_at == date(2031, 1, 1)
    assert document.title == "A title"
    assert document.country == "NO"
    assert document.relay == ("One",)
    assert document.text == BODY


def test_without_metadata_the_text_tells_language_title_and_date(tmp_path):
    (tmp_path / "a.txt").write_text(
        " date 2031-01-14 Дамба витримала бурю\n\nПостраждалих немає, кажуть у порту.", encoding="utf-8"
    )
    document = one(tmp_path / "a.txt")
    assert (document.language, document.title, document.published_at) == (
        "uk",
        "Дамба витримала бурю",
        date(2031, 1, 14),
    )


def test_a_lead_of_several_sentences_is_no_title(tmp_path):
    (tmp_path / "a.txt").write_text(f"The dam held. Nobody was hurt, they said.\n{BODY}", encoding="utf-8")
    assert one(tmp_path / "a.txt").title == ""


def test_an_impossible_date_marker_is_text(tmp_path):
    (tmp_path / "a.txt").write_text(f" date 2031-13-44 {BODY}", encoding="utf-8")
    document = one(tmp_path / "a.txt")
    assert document.published_at is None
    assert document.text.startswith("date 2031-13-44")


def test_a_rule_at_the_top_is_not_front_matter(tmp_path):
    text = f"---\nThe dam held\n---\n{BODY}"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert one(tmp_path / "a.txt").text == text


def test_a_manifest_above_reaches_into_folders(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "manifest.yaml").write_text("- {file: sub/a.txt, outlet: Vessel Post}", encoding="utf-8")
    assert one(tmp_path).outlet == "Vessel Post"


@pytest.mark.parametrize(
    "manifest",
    ["- file: [", "- {outlet: Vessel Post}", "just text", "- {file: a.txt, published: yesterday}", "\x00"],
)
def test_a_broken_manifest_refuses_its_folder_and_nothing_else(tmp_path, manifest):
    for folder in ("good", "bad"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "bad" / "manifest.yaml").write_text(manifest, encoding="utf-8")
    documents, refusals = read(tmp_path)
    assert [Path(document.acquisition.source).parent.name for document in documents] == ["good"]
    assert [refusal.reason for refusal in refusals] == ["bad-manifest"]
    assert "manifest.yaml" in refusals[0].message


def test_a_file_that_a_manifest_lists_and_nobody_finds_is_named(tmp_path):
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "manifest.yaml").write_text("- file: a.txt\n- file: gone.txt", encoding="utf-8")
    documents, refusals = read(tmp_path)
    assert len(documents) == 1
    assert [(Path(refusal.source).name, refusal.reason) for refusal in refusals] == [("gone.txt", "missing")]


def test_an_option_that_is_no_language_tag_is_an_error(tmp_path):
    with pytest.raises(IngestError, match="language"):
        read(tmp_path, options=IngestOptions(language="Ukrainian, please"))


# --- identity --------------------------------------------------------------------------------------------------------


def test_reading_again_gives_the_same_documents(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "rows.csv").write_text(f'id,text\n7,"{BODY}"\n8,"{BODY} Twice."\n', encoding="utf-8")
    first, _ = read(tmp_path)
    second, _ = read(tmp_path)
    assert [(d.document_id, d.sha256) for d in first] == [(d.document_id, d.sha256) for d in second]
    assert all(len(d.document_id) == 16 and set(d.document_id) <= set("0123456789abcdef") for d in first)


def test_a_changed_file_keeps_its_id_and_files_of_one_name_in_two_folders_differ(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.txt").write_text(BODY, encoding="utf-8")
    before, _ = read(tmp_path)
    (tmp_path / "a" / "1.txt").write_text(f"{BODY} Later.", encoding="utf-8")
    after, _ = read(tmp_path)
    assert [d.document_id for d in before] == [d.document_id for d in after]
    assert before[0].sha256 != after[0].sha256
    assert before[0].document_id != before[1].document_id


def test_a_url_makes_the_id(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(
            json.dumps({"text": BODY, "url": "https://vessel.example/1"}), encoding="utf-8"
        )
    assert one(tmp_path / "a.jsonl").document_id == one(tmp_path / "b.jsonl").document_id


def test_two_documents_of_one_id_in_one_run_are_not_passed_off_as_versions(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(
            json.dumps({"text": f"{BODY} {name}", "url": "https://vessel.example/1"}), encoding="utf-8"
        )
    documents, refusals = read(tmp_path)
    assert len(documents) == 1
    assert [refusal.reason for refusal in refusals] == ["same-id"]
    assert "a.jsonl" in refusals[0].message


# --- formats ---------------------------------------------------------------------------------------------------------


def test_a_table_brings_its_columns(tmp_path):
    (tmp_path / "a.csv").write_bytes(
        "\ufeffID;Title;Text;Outlet;Language;Published_At;Country;Licence;Mood\r\n"
        f'1;Dam holds;"{BODY} He said ""no"";\r\nthen left.";Vessel Post;en-GB;2031-02-03;xv;CC0;grim\r\n'.encode()
    )
    document = one(tmp_path / "a.csv")
    assert document.text == f'{BODY} He said "no";\r\nthen left.'
    assert (document.title, document.outlet, document.language) == ("Dam holds", "Vessel Post", "en")
    assert (document.published_at, document.country, document.licence) == (date(2031, 2, 3), "XV", "CC0")
    assert document.acquisition.source.endswith("a.csv, 1")


def test_bad_rows_are_named_and_the_rest_goes_in(tmp_path):
    (tmp_path / "a.csv").write_text(
        f'text,published\n"{BODY}",\n,\na,b,c\n"{BODY} Two.",never\n"{BODY} Three.",2031-01-01\n',
        encoding="utf-8",
    )
    (tmp_path / "b.jsonl").write_text(
        "\n".join(
            [
                '{"text": "half',
                "[1]",
                '{"text": 5}',
                '{"text": "\\ud800 ' + BODY + '"}',
                "[" * 100_000,
                json.dumps({"text": BODY}),
            ]
        ),
        encoding="utf-8",
    )
    documents, refusals = read(tmp_path)
    assert len(documents) == 3
    assert [(Path(r.source).name, r.reason) for r in refusals] == [
        ("a.csv, row 4", "bad-row"),
        ("a.csv, row 5", "bad-metadata"),
        ("b.jsonl, line 1", "bad-row"),
        ("b.jsonl, line 2", "bad-row"),
        ("b.jsonl, line 3", "empty"),
        ("b.jsonl, line 4", "encoding"),
        ("b.jsonl, line 5", "bad-row"),
    ]


def test_our_own_export_is_taken_as_it_is(tmp_path):
    text = "'=Dam holds\nDam holds\nLeave a Reply\n\nA text that was cleaned before, and is frozen."
    (tmp_path / "documents.csv").write_text(
        "schema_version,document_id,document_sha256,language,title,outlet,text,escaped\n"
        f'1,00112233445566ff,x,en,Dam holds,\'+Post,"{text}",1\n',
        encoding="utf-8",
    )
    document = one(tmp_path / "documents.csv")
    assert document.document_id == "00112233445566ff"
    assert document.text == text[1:]
    assert document.outlet == "+Post"
    assert document.strips == ()


def test_a_web_page_gives_its_article_under_its_title(tmp_path):
    paragraphs = "".join(
        f"<p>The dam above Port Vessel held through night number {n}, the governor said.</p>"
        for n in range(6)
    )
    (tmp_path / "a.html").write_bytes(
        "<html lang='en-GB'><head><meta charset='windows-1252'><title>Dam holds overnight</title>"
        "<meta property='og:site_name' content='Vessel Post'></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>Dam holds overnight</h1>{paragraphs}<p>Café owners cheered at the quay all night.</p></article>"
        "<script>alert('x')</script></body></html>".encode("cp1252")
    )
    document = one(tmp_path / "a.html")
    assert document.title == "Dam holds overnight"
    assert document.text.startswith("Dam holds overnight\n")
    assert "Café owners cheered" in document.text
    assert "alert" not in document.text
    assert (document.outlet, document.language) == ("Vessel Post", "en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_are_read(tmp_path, encoding):
    text = "Дамба витримала бурю, постраждалих немає."
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert one(tmp_path / "a.txt").text == text


# --- refusals --------------------------------------------------------------------------------------------------------

REFUSED = {
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "empty"),
    "binary.txt": (b"The dam\x00 held overnight, the governor said.", "binary"),
    "cp1251.txt": ("Плотина выдержала бурю, пострадавших нет.".encode("cp1251"), "encoding"),
    "half.txt": (b"\xff\xfeD\x00a", "encoding"),
    "short.txt": (b"Dam holds.", "no-text"),
    "noise.txt": (b"logo\nLeave a Reply\nRead more", "no-text"),
    "dashes.txt": (b"-" * 100, "no-text"),
    "large.txt": (b"The dam held. " * 200, "too-large"),
    "photo.png": (b"\x89PNG\r\n", "unsupported"),
    "empty.html": (b"<html><body></body></html>", "no-text"),
    "columns.csv": (b"headline,body\na,b\n", "no-text-column"),
    "matter.txt": (b"---\npublished: soon\n---\nThe dam held overnight, the governor said.", "bad-metadata"),
    "tongue.txt": (
        b"---\nlanguage: the king's english\n---\nThe dam held overnight, they said.",
        "bad-metadata",
    ),
    "charset.html": (b"<meta charset=klingon><p>The dam held overnight</p>", "encoding"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_refusal_names_the_file_and_the_reason(tmp_path, name):
    raw, reason = REFUSED[name]
    (tmp_path / name).write_bytes(raw)
    documents, refusals = read(tmp_path, settings=replace(SETTINGS, max_file_bytes=1_000))
    assert documents == []
    (refusal,) = refusals
    assert refusal.reason == reason
    assert name in refusal.source
    assert name in refusal.message
    assert refusal.message.endswith(".")


def test_the_rest_goes_in_when_something_is_refused(tmp_path):
    for name, (raw, _) in REFUSED.items():
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "good.txt").write_text(BODY, encoding="utf-8")
    documents, refusals = read(
        tmp_path, tmp_path / "nowhere.txt", settings=replace(SETTINGS, max_file_bytes=1_000)
    )
    assert [document.text for document in documents] == [BODY]
    assert len(refusals) == len(REFUSED) + 1
    assert "missing" in {refusal.reason for refusal in refusals}


def test_links_pipes_and_locked_files_are_refused_and_odd_names_are_not(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text(BODY, encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "outside" / "a.txt")
    (folder / "linked").symlink_to(tmp_path / "outside")
    (folder / "broken.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe.txt")
    (folder / ".hidden.txt").write_text(BODY, encoding="utf-8")
    (folder / "o\ndd “name” 🎉.TXT").write_text(BODY, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text(f"{BODY} Odd.", encoding="utf-8")
    documents, refusals = read(folder)
    assert len(documents) == 2
    assert all(document.acquisition.source.encode() for document in documents)
    assert sorted(refusal.reason for refusal in refusals) == ["link", "link", "link", "not-a-file"]


def test_progress_counts_files_to_the_end(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"{BODY} {number}", encoding="utf-8")
    told = []
    list(
        read_documents(
            [tmp_path],
            options=IngestOptions(),
            settings=SETTINGS,
            now=utc_now(),
            progress=lambda *what: told.append(what),
        )
    )
    assert told == [(0, 3, "0.txt"), (1, 3, "1.txt"), (2, 3, "2.txt"), (3, 3, "")]
