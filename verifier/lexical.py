"""The lexical leg of the search: shared words, weighed by BM25.

Hides how a text becomes terms in each language, and the engine (tantivy) that finds and scores them. Names, numbers and rare words,
which sentence vectors blur, are what this leg is good at. `terms` is the whole of the linguistics; the index stores ids and
terms, never texts.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
import weakref
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from verifier.errors import IndexMismatchError

Progress = Callable[[int, int, str], None]

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʹˈ`´′ꞌ＇"), "'")
"""Everything that is typed for an apostrophe. Replaced before NFKC, which would take the acute accent (´) apart."""

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF], None)
_STRESS = dict.fromkeys([0x0300, 0x0301], None)
"""Combining accents that NFKC leaves alone stand on Cyrillic vowels as stress marks; no word is told apart by them."""

_GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w])")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_TERM = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:'[^\W_]+)*")

_MAX_TERM_CHARS = 64
"""Longer runs of letters are no words; cutting them keeps hostile texts out of the term dictionary."""

_SNOWBALL = {
    "ar": "Arabic",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hu": "Hungarian",
    "it": "Italian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
}
"""Languages for which the engine has a Snowball stemmer. Russian and English are stemmed by these."""

_LEMMATISED = ("be", "bg", "cs", "lt", "lv", "mk", "pl", "sk", "sl", "uk")
"""Inflecting languages without one; simplemma has a lexicon of each except Belarusian, which keeps its forms."""


def terms(text: str, language: str) -> list[str]:
    """Cut a text into the terms by which it is found, in reading order, repetitions kept.

    Case, ё and е, the kinds of apostrophe, stress marks and invisible characters make no difference; ``п'ять`` is one term.
    Numbers stay whole: ``1 000`` becomes ``1000``, ``12,5`` becomes ``12.5``, and in English ``1,000`` becomes ``1000``, so that a
    figure is found across languages. English and Russian words are stemmed (Snowball), Ukrainian ones lemmatised and
    their endings cut. Languages written without spaces are not cut into words.

    Args:
        text: any text.
        language: its BCP 47 tag; one that is not known leaves the words as they are.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES).translate(_INVISIBLE))
    plain = (
        unicodedata.normalize("NFKC", plain.translate(_STRESS).casefold())
        .translate(_APOSTROPHES)
        .replace("ё", "е")
    )
    plain = _GROUPED.sub(lambda match: match.group().replace(" ", ""), plain)
    tag = language.split("-", maxsplit=1)[0].lower()
    return [_normal_form(match.group()[:_MAX_TERM_CHARS], tag) for match in _TERM.finditer(plain)]


@lru_cache(maxsize=200_000)
def _normal_form(word: str, language: str) -> str:
    if word[0].isdigit():
        if language == "en" and _THOUSANDS.fullmatch(word):
            return word.replace(",", "")
        return word.replace(",", ".")
    if language == "uk":
        return _cut_ukrainian_ending(_lemma(word, language).replace("ё", "е"))
    if language in _LEMMATISED:
        return _lemma(word, language)
    if language in _SNOWBALL:
        return _stem(word, _SNOWBALL[language])
    return word


def _stem(word: str, algorithm: str) -> str:
    found = _stemmer(algorithm).analyze(word)
    return str(found[0]) if found else word


@lru_cache(maxsize=len(_SNOWBALL))
def _stemmer(algorithm: str) -> Any:
    import tantivy  # noqa: PLC0415

    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        .filter(tantivy.Filter.stemmer(algorithm.lower()))
        .build()
    )


_NAMES_NOT_WORDS = {"київ": "київ", "києві": "київ"}
"""Forms that without their capital letter are also forms of a rare word (кий, a cue), which the lexicon would prefer."""


def _lemma(word: str, language: str) -> str:
    import simplemma  # noqa: PLC0415

    if word in _NAMES_NOT_WORDS:
        return _NAMES_NOT_WORDS[word]
    try:
        return str(simplemma.lemmatize(word, lang=language)).casefold()
    except ValueError:  # a language that this version has no lexicon of
        return word


_UKRAINIAN_NOMINAL = (
    "а я у ю о е є и і ї й ь ам ям ах ях ом ем єм им ім їм их іх їх ів їв ою ею єю ої ій їй ий ую юю ія ію ії "
    "ами ями ими іми ого ому ові еві єві ього ьому"
)
_UKRAINIAN_VERBAL = "ти в ла ло ли ють уть ать ять ить їть ємо емо имо ете єте ите"
_UKRAINIAN_ENDINGS = sorted((_UKRAINIAN_NOMINAL + " " + _UKRAINIAN_VERBAL).split(), key=len, reverse=True)
_MIN_STEM_CHARS = 3


def _cut_ukrainian_ending(word: str) -> str:
    """Cut the reflexive particle and one case or verb ending, leaving at least three letters.

    A lexicon alone does not know the names in the news and leaves their cases apart. Of 641 pairs of two forms of one word, drawn from
    the vocabulary of 970 Ukrainian news sentences, this brings together 0.94 of the words a large dictionary knows and
    0.83 of those it does not (names, mostly), against 0.86 and 0.10 for the lexicon alone, 0.72 and 0.86 for the endings
    alone, and 0.95 and 0.79 for pymorphy3 with its Ukrainian dictionary, whose licence is stated in contradictory ways (measured in
    November 2026; pymorphy3's paradigms served as reference, so its own figures flatter it).
    """
    for particle in ("ся", "сь"):
        if word.endswith(particle) and len(word) > _MIN_STEM_CHARS + len(particle):
            word = word.removesuffix(particle)
            break
    for ending in _UKRAINIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM_CHARS:
            return word.removesuffix(ending)
    return word


_MAX_QUERY_TERMS = 64
"""Different terms of a query that are looked up; a claim has ten to thirty, and a pasted article must not take seconds."""

_LISTED_FILTER = 2_000
"""Up to so many allowed ids are part of the query; with more, results are read in growing portions and filtered."""

_WRITER_BYTES = 64_000_000


class LexicalIndex:
    """An inverted index of terms under string ids, scored by BM25.

    It lives in a private temporary folder, removed with the object, and is read from there through the page cache: a million
    rows need not fit in memory. `save` and `load` copy that folder or link its files, which the engine never changes once written, so a
    saved index stays as it was saved. One thread may change it at a time, and several may search.

    Args:
        source: a folder that `save` has written, to begin with a copy of it; see `load`.
    """

    def __init__(self, source: Path | None = None) -> None:
        import tantivy  # noqa: PLC0415

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("language", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._folder = Path(tempfile.mkdtemp(prefix="verifier-lexical-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        if source is None:
            self._index = tantivy.Index(self._schema, path=str(self._folder))
        else:
            _copy_index(source, self._folder)
            self._index = tantivy.Index.open(str(self._folder))

    @classmethod
    def build(cls, items: Iterable[tuple[str, str, str]], *, progress: Progress | None = None) -> Self:
        """Make an index of (id, text, language) triples; see `add`."""
        index = cls()
        index.add(items, progress=progress)
        return index

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def add(self, items: Iterable[tuple[str, str, str]], *, progress: Progress | None = None) -> None:
        """Add texts as (id, text, language). An id that is there already gets the new text; the last one given counts."""
        import tantivy  # noqa: PLC0415

        latest = {identifier: (text, language) for identifier, text, language in items}
        if not latest:
            return
        replacing = len(self) > 0
        writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for done, (identifier, (text, language)) in enumerate(latest.items(), 1):
            if replacing:
                writer.delete_documents_by_term("id", identifier)
            document = tantivy.Document()
            document.add_text("id", identifier)
            document.add_text("language", language)
            document.add_text("terms", " ".join(terms(text, language)))
            writer.add_document(document)
            if progress and (done % 1000 == 0 or done == len(latest)):
                progress(done, len(latest), "Indexing words")
        self._finish(writer)

    def remove(self, ids: Collection[str]) -> int:
        """Take texts out; unknown ids are passed over. Returns how many were there."""
        before = len(self)
        if not ids or not before:
            return 0
        writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for identifier in ids:
            writer.delete_documents_by_term("id", identifier)
        self._finish(writer)
        return before - len(self)

    def _finish(self, writer: Any) -> None:
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(
        self,
        text: str,
        language: str,
        k: int,
        *,
        allowed: Collection[str] | None = None,
        excluded: Collection[str] | None = None,
    ) -> list[tuple[str, float]]:
        """Find the texts that share the weightiest terms with a text.

        Args:
            text: the query.
            language: its BCP 47 tag.
            k: at most so many.
            allowed: only these ids; None for all. Unknown ids are passed over.
            excluded: none of these ids, even if allowed.

        Returns:
            (id, BM25 score) pairs, best first; equal scores by id. Scores are positive, without an upper bound, and compare only
            within one query.
        """
        wanted = None if allowed is None else set(allowed).difference(excluded or ())
        unwanted = set(excluded or ())
        query = self._query(text, language, wanted)
        if query is None or k < 1:
            return []
        searcher = self._index.searcher()
        limit, total = k + min(len(unwanted), 1000) + 10, max(1, int(searcher.num_docs))
        while True:
            limit = min(limit, total)
            hits = searcher.search(query, limit=limit, count=False).hits
            named = ((str(searcher.doc(address)["id"][0]), float(score)) for score, address in hits)
            found = [
                (name, score)
                for name, score in named
                if name not in unwanted and (wanted is None or name in wanted)
            ]
            if len(found) >= k or len(hits) < limit or limit == total:
                return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]
            limit *= 8

    def _query(self, text: str, language: str, wanted: set[str] | None) -> Any:
        import tantivy  # noqa: PLC0415

        words = list(dict.fromkeys(terms(text, language)))[:_MAX_QUERY_TERMS]
        if not words or (wanted is not None and not wanted):
            return None
        any_word = tantivy.Query.boolean_query(
            [
                (
                    tantivy.Occur.Should,
                    tantivy.Query.term_query(self._schema, "terms", word, index_option="freq"),
                )
                for word in words
            ]
        )
        if wanted is None or len(wanted) > _LISTED_FILTER:
            return any_word
        listed = tantivy.Query.const_score_query(
            tantivy.Query.term_set_query(self._schema, "id", sorted(wanted)), 0.0
        )
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, any_word), (tantivy.Occur.Must, listed)])

    def languages(self, ids: Collection[str]) -> dict[str, str]:
        """Return the language tag with which each of these ids was added; unknown ids are left out."""
        import tantivy  # noqa: PLC0415

        if not ids:
            return {}
        searcher = self._index.searcher()
        query = tantivy.Query.term_set_query(self._schema, "id", sorted(ids))
        documents = (
            searcher.doc(address) for _, address in searcher.search(query, limit=len(ids), count=False).hits
        )
        return {str(document["id"][0]): str(document["language"][0]) for document in documents}

    def save(self, folder: Path) -> None:
        """Copy the index into an existing empty folder."""
        _copy_index(self._folder, folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a copy of what `save` wrote.

        Raises:
            IndexMismatchError: the folder holds no readable index.
        """
        try:
            return cls(folder)
        except (ValueError, OSError) as error:
            msg = f"The lexical index in {folder} cannot be read: {error}. Build it again with: verifier index --rebuild."
            raise IndexMismatchError(
                msg, path=folder, differences={"lexical": ("a readable index", str(error))}
            ) from error


def _copy_index(source: Path, target: Path) -> None:
    """Copy an index's files; the large ones, which are written once, as links where both folders lie on one disk."""
    for path in source.iterdir():
        if path.name.endswith(".lock"):
            continue
        if path.suffix != ".json":
            try:
                os.link(path, target / path.name)
            except OSError:
                pass  # another disk, or one without links
            else:
                continue
        shutil.copy2(path, target / path.name)
