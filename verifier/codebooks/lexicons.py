"""Word lists that suggest labels, and the little language their forms are written in.

A lexicon is one file per language in ``annotations/lexicons``, named ``<lexicon>-<language>.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.codebooks.checks import ID, IN_SMALL_LETTERS, SUCH_AS_1_0, VERSION, matching, require_distinct
from verifier.codebooks.schemes import load_codebooks
from verifier.config import resource_dir
from verifier.domain import Codebook
from verifier.strict_yaml import Fields, read_fields

_LEXICON_KEYS = ("lexicon_id", "language", "codebook_id", "version", "description", "entries")
_ENTRY_KEYS = ("term", "forms", "label", "explanation", "counterparts")


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconEntry:
    """A term that may carry a label.

    ``term`` is how it is shown, ``pattern`` finds its forms in a text, ``counterparts`` are plainer or opposite words for the
    same thing, shown beside a suggestion so that a reader sees what was chosen from.
    """

    term: str
    label_id: str
    explanation: str
    counterparts: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A place of a text where a lexicon found one of its terms.

    ``start`` and ``end`` are half-open code point offsets into the text that was searched; ``term`` is the entry's own spelling.
    """

    start: int
    end: int
    codebook_id: str
    label_id: str
    term: str
    explanation: str = ""
    counterparts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Terms that may carry a label of one codebook, by language."""

    lexicon_id: str
    codebook_id: str
    entries: Mapping[str, tuple[LexiconEntry, ...]]

    def suggest(self, text: str, language: str) -> list[Suggestion]:
        """Find the terms of one language in a text.

        Args:
            text: any text; nothing is normalised, so that the offsets are those of this very text.
            language: a BCP 47 tag; only its primary part counts, and an unknown language finds nothing.

        Returns:
            Suggestions in reading order that do not overlap. Where terms overlap, the one that begins first is taken, and of
            those the longest: "Kiev regime" is found rather than "Kiev".
        """
        found = [
            (match.start(), match.end(), entry)
            for entry in self.entries.get(language.partition("-")[0].lower(), ())
            for match in entry.pattern.finditer(text)
        ]
        suggestions: list[Suggestion] = []
        for start, end, entry in sorted(found, key=lambda hit: (hit[0], -hit[1])):
            if suggestions and start < suggestions[-1].end:
                continue
            suggestions.append(
                Suggestion(
                    start=start,
                    end=end,
                    codebook_id=self.codebook_id,
                    label_id=entry.label_id,
                    term=entry.term,
                    explanation=entry.explanation,
                    counterparts=entry.counterparts,
                )
            )
        return suggestions


def load_lexicons(
    folder: Path | None = None, *, codebooks: Mapping[str, Codebook] | None = None
) -> dict[str, Lexicon]:
    """Read every lexicon of a folder and check it against its codebook.

    Args:
        folder: where the files ``<lexicon>-<language>.yaml`` lie; by default the shipped ``annotations/lexicons``.
        codebooks: the codebooks whose labels may be used; by default the shipped ones.

    Returns:
        The lexicons by ``lexicon_id``, each with all its languages; empty when the folder holds none.

    Raises:
        CodebookError: a file is malformed, or names a codebook or a label that does not exist.
    """
    folder = folder or resource_dir("annotations") / "lexicons"
    codebooks = load_codebooks() if codebooks is None else codebooks
    languages: dict[str, dict[str, tuple[LexiconEntry, ...]]] = {}
    labelled_by: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        fields = read_fields(path, known=_LEXICON_KEYS)
        lexicon_id = matching(fields, "lexicon_id", ID, IN_SMALL_LETTERS)
        language = matching(fields, "language", re.compile("[a-z]{2,3}"), "a language such as uk")
        if path.stem != f"{lexicon_id}-{language}":
            fields.fail(f"a lexicon_id and a language that make up the file name {path.stem!r}",
                        f"{lexicon_id!r} and {language!r}", "lexicon_id")  # fmt: skip
        codebook_id = fields.choice("codebook_id", tuple(codebooks))
        if labelled_by.setdefault(lexicon_id, codebook_id) != codebook_id:
            fields.fail(
                f"{labelled_by[lexicon_id]!r}, as in the lexicon's other languages",
                repr(codebook_id),
                "codebook_id",
            )
        matching(fields, "version", VERSION, SUCH_AS_1_0)
        fields.text("description")
        languages.setdefault(lexicon_id, {})[language] = _read_entries(fields, codebooks[codebook_id])
    return {
        lexicon_id: Lexicon(lexicon_id=lexicon_id, codebook_id=labelled_by[lexicon_id], entries=entries)
        for lexicon_id, entries in languages.items()
    }


def _read_entries(fields: Fields, codebook: Codebook) -> tuple[LexiconEntry, ...]:
    listed = fields.entries("entries", known=_ENTRY_KEYS)
    require_distinct(listed, "term", [entry.text("term").casefold() for entry in listed])
    labels = tuple(label.label_id for label in codebook.labels)
    form_lines: dict[str, int] = {}
    read: list[LexiconEntry] = []
    for entry in listed:
        forms = entry.texts("forms") or (entry.text("term"),)
        for form in forms:
            if form in form_lines:
                entry.fail(
                    "forms that no other entry has", f"{form!r}, as on line {form_lines[form]}", "forms"
                )
            form_lines[form] = entry.line
        read.append(
            LexiconEntry(
                term=entry.text("term"),
                label_id=entry.choice("label", labels),
                explanation=entry.text("explanation"),
                counterparts=entry.texts("counterparts"),
                pattern=_compile(entry, forms),
            )
        )
    return tuple(read)


# The little language of forms. A form is words; in a word, "*" stands for any ending and "(a,b,)" for one of a, b or nothing. A
# form that begins with "!" is found in its own case only.
_GAP = (
    r"[\"'«»“”„‘’]*\s+[\"'«»“”„‘’]*"  # between two words: white space, and quotation marks round one of them
)
_LETTER_CLASSES = {
    "'": "['’ʼ`]",
    "-": "[-‐‑–]",
    "е": "[её]",
    "ё": "[её]",
    "Е": "[ЕЁ]",
    "Ё": "[ЕЁ]",
}
_BEFORE = r"(?<!\w)(?<!\w['’ʼ])"
_AFTER = r"(?!\w)(?!['’ʼ](?!s\b)\w)"  # an apostrophe continues a word ("п'ять"), save in the English genitive
_FORM_WORD = re.compile(r"(?:[^\s()*!]|\((?:[^\s()*!,]*,)+[^\s()*!,]*\))+\*?")
_FORM_PART = re.compile(r"\(([^)]*)\)|(\*)|(.)")


def _compile(fields: Fields, forms: Sequence[str]) -> re.Pattern[str]:
    alternatives: list[str] = []
    for form in forms:
        words = form.removeprefix("!").split()
        for word in words:
            if not _FORM_WORD.fullmatch(word):
                fields.fail(
                    "words of letters, an optional final '*', and endings such as '(а,у,ом,)'",
                    repr(word),
                    "forms",
                )
        flags = "" if form.startswith("!") else "i"
        alternatives.append(f"(?{flags}:{_GAP.join(_word_pattern(word) for word in words)})")
    return re.compile(f"{_BEFORE}(?:{'|'.join(alternatives)}){_AFTER}")


def _word_pattern(word: str) -> str:
    parts: list[str] = []
    for endings, star, letter in _FORM_PART.findall(word):
        if star:
            parts.append(r"\w*")
        elif letter:
            parts.append(_letters(letter))
        else:
            parts.append(f"(?:{'|'.join(_letters(ending) for ending in endings.split(','))})")
    return "".join(parts)


def _letters(text: str) -> str:
    return "".join(_LETTER_CLASSES.get(letter, re.escape(letter)) for letter in text)
