"""A page with nothing but the annotator, for the browser tests and the benchmark; a SQLite file of operations stands for the store.

Query: ``doc`` (a key of TEXTS), ``user``, ``switch`` (who else can work in this tab), ``slow`` (seconds that the run takes after the annotator), ``late`` (seconds before an answer), ``readonly``,
``hidden``, ``others`` (show what others have labelled), ``suggest``, ``spans`` (how many annotations there are already), ``key`` (of the widget). ``ANNOTATOR_DB`` names the file.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from datetime import UTC, datetime

import streamlit as st
from app_texts import TEXTS

from verifier.domain import (
    Acquisition,
    Annotation,
    Codebook,
    Document,
    Label,
    LabelMethod,
    Level,
    Span,
)
from verifier.ui import annotator

WHEN = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
WORDING = [
    ("loaded", "loaded language", "Words that carry a judgement."),
    ("unattributed", "unattributed claim", "A claim without a source."),
    ("quote", "quotation", "Words of somebody else."),
    ("figure", "figure", "A number."),
    ("speculation", "speculation", "What might be."),
    ("us-them", "us versus them", "Two camps."),
    ("fear", "appeal to fear", "Threats."),
    ("missing", "missing context", "Something is left out."),
    ("other", "other wording", "Anything else."),
    ("refused", "refused label", "The server refuses this one."),
]
SUGGESTIONS = {"en": [("disaster", "loaded"), ("nobody", "unattributed"), ("save lives", "quote")]}


def codebooks() -> list[Codebook]:
    """Two schemes, one of which allows one label a place."""
    return [
        Codebook(
            codebook_id="wording",
            version="1.0",
            title="Wording",
            kind="framing",
            description="",
            source="",
            levels=(Level.SPAN,),
            multiple=True,
            labels=tuple(
                Label(label_id=key, name=name, definition=what, key="w" if key == "other" else "")
                for key, name, what in WORDING
            ),
        ),
        Codebook(
            codebook_id="origin",
            version="1.0",
            title="Origin",
            kind="provenance",
            description="",
            source="",
            levels=(Level.SPAN,),
            multiple=False,
            labels=(
                Label(
                    label_id="wire",
                    name="news wire",
                    definition="An agency's report.",
                    examples=("the agency says",),
                    key="a",
                ),
                Label(label_id="witness", name="witness", definition="Somebody who was there."),
            ),
        ),
    ]


def connect() -> sqlite3.Connection:
    """Open the file of operations."""
    connection = sqlite3.connect(os.environ["ANNOTATOR_DB"], timeout=10, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS op(seq INTEGER PRIMARY KEY, op_id TEXT UNIQUE, document TEXT, annotator TEXT, body TEXT)"
    )
    connection.execute("CREATE TABLE IF NOT EXISTS arrival(op_id TEXT)")
    return connection


def commit(edits: list[annotator.Edit]) -> list[annotator.Answer]:
    """Append operations once each, and refuse those that do not fit."""
    answers: list[annotator.Answer] = []
    connection = connect()
    connection.execute("BEGIN IMMEDIATE")
    for edit in edits:
        text = TEXTS.get(edit["document_id"], ("", ""))[1]
        connection.execute("INSERT INTO arrival VALUES (?)", (edit["op_id"],))
        if edit["label"] == "refused":
            answers.append({"op_id": edit["op_id"], "accepted": False, "reason": "This label is for nobody."})
        elif text[edit["start"] : edit["end"]] != edit["quote"]:
            answers.append(
                {"op_id": edit["op_id"], "accepted": False, "reason": "The quote does not fit the text."}
            )
        else:
            connection.execute(
                "INSERT OR IGNORE INTO op(op_id, document, annotator, body) VALUES (?, ?, ?, ?)",
                (edit["op_id"], edit["document_id"], user, json.dumps(edit, ensure_ascii=False)),
            )
            answers.append({"op_id": edit["op_id"], "accepted": True})
    connection.execute("COMMIT")
    connection.close()
    if late:
        time.sleep(late)
    return answers


@st.cache_resource
def given(doc: str, count: int, owner: str) -> dict[str, Annotation]:
    """Make up annotations, the same each time: half the person's own, many that overlap."""
    text, chance = TEXTS[doc][1], random.Random(11)
    made = {}
    for n in range(count):
        start = chance.randrange(len(text) - 120)
        start += text[start : start + 60].find(" ") + 1
        end = start + chance.randrange(4, 60)
        made[f"g{n}"] = record(
            f"g{n}",
            doc,
            Span.of(text, start, end),
            WORDING[n % 9][0],
            owner if n % 2 else "somebody",
        )
    return made


def record(name: str, doc: str, span: Span, label: str, owner: str, **more: object) -> Annotation:
    """Make one annotation."""
    content = {
        "codebook_id": "wording",
        "codebook_version": "1.0",
        "created_at": WHEN,
        "updated_at": WHEN,
        **more,
    }
    return Annotation(
        annotation_id=name,
        document_id=doc,
        level=Level.SPAN,
        span=span,
        label=label,
        annotator_id=owner,
        **content,
    )


def standing(doc: str, count: int, owner: str) -> tuple[list[Annotation], set[str]]:
    """Fold the operations: the annotations that stand, and the ids of the suggestions that were rejected."""
    text = TEXTS[doc][1]
    found = dict(given(doc, count, owner)) if count else {}
    rejected: dict[str, str] = {}
    connection = connect()
    rows = connection.execute(
        "SELECT annotator, body FROM op WHERE document = ? ORDER BY seq", (doc,)
    ).fetchall()
    connection.close()
    for who, body in rows:
        edit = json.loads(body)
        name = edit["annotation_id"]
        if edit["kind"] == "withdraw":
            found.pop(name, None)
            rejected.pop(name, None)
        elif edit["method"] == "suggestion-rejected":
            rejected[name] = edit["suggestion_id"]
        else:
            found[name] = record(
                name,
                doc,
                Span.of(text, edit["start"], edit["end"]),
                edit["label"],
                who,
                codebook_id=edit["codebook_id"],
                intensity=edit["intensity"],
                confidence=edit["confidence"],
                target=edit["target"],
                note=edit["note"],
                label_method=LabelMethod(edit["method"]),
            )
    return list(found.values()), set(rejected.values())


@st.fragment
def work() -> None:
    """Draw the annotator."""
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    language, text = TEXTS[doc]
    annotations, rejected = standing(doc, int(query.get("spans", "0")), user)
    document = Document(
        document_id=doc,
        text=text,
        language=language,
        acquisition=Acquisition(source=f"{doc}.txt", raw_sha256="0" * 64, retrieved_at=WHEN),
    )
    annotator.draw(
        document,
        annotator=user,
        codebooks=codebooks(),
        annotations=[one for one in annotations if one.annotator_id == user or "others" in query],
        on_edits=commit,
        suggestions=[
            {
                "suggestion_id": f"s-{term}",
                "start": text.index(term),
                "end": text.index(term) + len(term),
                "codebook_id": "wording",
                "label": label,
                "term": term,
                "explanation": f"“{term}” is in the lexicon.",
                "counterparts": ["setback"],
            }
            for term, label in SUGGESTIONS.get(doc, [])
            if f"s-{term}" not in rejected and "suggest" in query
        ],
        readonly="readonly" in query,
        hidden="hidden" in query,
        key=query.get("key", annotator.KEY),
    )
    time.sleep(float(query.get("slow", "0")))
    st.text(f"fragment runs: {st.session_state.runs}")


query = st.query_params
doc, user, late = query.get("doc", "en"), query.get("user", "quill"), float(query.get("late", "0"))
st.set_page_config(page_title="annotator", layout="wide")
if "switch" in query and st.button(f"Let {query['switch']} work"):
    st.session_state.switched = query["switch"]
user = st.session_state.get("switched", user)
annotator.lifeline(query.get("key", annotator.KEY))
work()
st.text_input("elsewhere", key="elsewhere")
