"""CoNLL columns with BIO tags: a word, its place and its tag a line, for programs that learn from tagged words. Export only.

One tag a word holds no two labels that overlap and none that begin within a word, so what does not fit is counted and said, never dropped in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from verifier.domain import Document, Level
from verifier.exchange.interchange import Written, about, by_document, by_hand, full_label

LOST = "labels that overlap another of the same person (the longer one stays), labels of whole documents, ids, notes, times and context; spans are widened to words"

_SIGNS = "\\w\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u200c\u200d"
"""What words consist of, marks that combine with letters (Latin, Cyrillic, Hebrew, Arabic) and joiners among them; they are no ``\\w`` by themselves."""

_WORD = re.compile(f"[{_SIGNS}]+(?:['’ʼ-][{_SIGNS}]+)*|[^\\w\\s]")
"""A word, with the apostrophes and hyphens within it, or one other sign."""

_LINE_END = re.compile("[\r\n\u2028\u2029]")


def write(rows: Iterable[Mapping[str, Any]], documents: Iterable[Document]) -> Written:
    """Write a block for each document and person: comments, then ``word TAB start TAB end TAB tag``, a line of the text being a sequence."""
    blocks: list[str] = []
    lost: Counter[str] = Counter()
    for document, own in by_document(rows, documents):
        for layer, annotator_id, given in list(by_hand(own)) or [("", "", [])]:
            head = {
                **about(document),
                "layer": layer,
                "annotator_id": annotator_id,
                "offset_unit": "codepoint",
            }
            lines = [f"# {name} = {' '.join(str(value).split())}" for name, value in head.items() if value]
            blocks.append("\n".join([*lines, "", *_tagged(document.text, given, lost)]))
    said = {
        "overlap": "{} label(s) overlap a longer one of the same person on the same text and were left out: a word carries one tag.",
        "whole": "{} label(s) of whole documents were left out: tags are on words.",
        "wordless": "{} label(s) cover no word and were left out.",
        "widened": "{} label(s) begin or end within a word and were widened to whole words.",
    }
    notes = tuple(text.format(lost[name]) for name, text in said.items() if lost[name])
    return Written(("\n".join(blocks)).encode(), notes)


def _tagged(text: str, rows: Sequence[Mapping[str, Any]], lost: Counter[str]) -> list[str]:
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    tags = ["O"] * len(words)
    spans = [row for row in rows if row["level"] != Level.DOCUMENT.value]
    lost["whole"] += len(rows) - len(spans)
    # The longest first; of equal ones the first in the text, then by label, so that the outcome does not hang on the order of rows.
    for row in sorted(
        spans, key=lambda r: (r["start"] - r["end"], r["start"], full_label(r), str(r["label_id"]))
    ):
        inside = [n for n, (start, end) in enumerate(words) if start < row["end"] and row["start"] < end]
        if not inside:
            lost["wordless"] += 1
        elif any(tags[n] != "O" for n in inside):
            lost["overlap"] += 1
        else:
            start, end = words[inside[0]][0], words[inside[-1]][1]
            lost["widened"] += start < row["start"] or end > row["end"]
            for place, number in enumerate(inside):
                tags[number] = f"{'I' if place else 'B'}-{full_label(row)}"
    lines: list[str] = []
    before = 0
    for (start, end), tag in zip(words, tags, strict=True):
        if lines and tag[0] != "I" and _LINE_END.search(text, before, start):
            lines.append("")
        lines.append(f"{text[start:end]}\t{start}\t{end}\t{tag}")
        before = end
    return [*lines, ""]
