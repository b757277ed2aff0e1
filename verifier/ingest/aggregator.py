"""Split a page that collects articles of several outlets into its articles.

Such a page is told by its shape alone: a title that comes twice or more, a line with the outlet and a relative time ("21
minutes ago"), perhaps a bullet with the outlet, then the text. Two such heads make an aggregator page; one is just a page
that repeats its title.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.ingest.noise import line_rule, lines_of, read_head


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of a page: its region in code points of the decoded file, and the outlet as the page gives it."""

    start: int
    end: int
    title: str
    outlet: str


def split_page(text: str, start: int, end: int) -> tuple[Article, ...]:
    """Split ``text[start:end]`` into articles; the regions follow one another without a gap.

    Returns an empty tuple when the region is no aggregator page.
    """
    lines = lines_of(text, start, end)
    heads = []
    index = 0
    while index < len(lines):
        head = None if line_rule(lines[index].text) else read_head(lines, index)
        if head and head.timed:
            heads.append((index, head))
            index = max(head.end, index + 1)
        else:
            index += 1
    if len(heads) < 2:  # noqa: PLR2004
        return ()
    starts = [start, *(lines[index].start for index, _ in heads[1:])]
    ends = [*starts[1:], end]
    return tuple(
        Article(start=first, end=last, title=head.title, outlet=head.source)
        for first, last, (_, head) in zip(starts, ends, heads, strict=True)
    )
