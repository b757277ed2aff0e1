"""Make cross-lingual pairs from parallel sentences, quantity pairs from templates and mixed-language NLI rows.

    python make_pairs.py --data FOLDER --out FOLDER [--encoder DIR]

For every aligned sentence and every ordered pair of languages the same sentences give all three labels:

* supports - the translation, a part of it, a rewording, or *the same edit made on both sides*;
* refutes - one minimal edit on one side (claim or evidence), of the whole or of the same shortened claims;
* neutral - a sentence one to three lines away, a near one by meaning, a claim with a detail the evidence lacks, an open report.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from codeswitch import learn_lexicon, switch
from details import DETAILS, FRAMES, UNDATED
from edits import EDITABLE, contradictions, rewordings, words
from oppositions import held_out as held_out_groups
from oppositions import made as made_oppositions
from oppositions import read_groups
from parallel import Unit, read_units
from quantities_made import made as made_quantities
from rows import Row, read_rows, write_rows
from shorten import shortened

OTHER_SHARE = 0.03
"""Chance that a unit also gives a pair with one of its other languages (de, pl, fr, es, be, bg, cs)."""

KEEP = {
    "detail": 0.45, "detail both": 0.5, "detail left out": 0.5, "detail added": 0.5, "cause added": 0.3, "framed denied": 0.5,
    "framed fact": 0.5, "framed open": 0.8, "framed claim": 0.3, "negation": 0.6, "evidence negation": 0.8,
}  # fmt: skip
"""Share of a family that is kept. A claim-only classifier found these families by their wording when all were kept."""


WORD_EDITS = ["opposite", "place", "number", "quantifier", "date", "comparison"]
"""Families that change one word or number. They are rare beside negations and details, so they make a second pool of their own."""


def _lower_start(text: str, language: str) -> str:
    """Lower the initial of a sentence that opens with a function word, for use inside a frame."""
    first = words(text)[0].text if words(text) else ""
    opens = {
        "en": [
            "The",
            "A",
            "An",
            "It",
            "This",
            "These",
            "Those",
            "He",
            "She",
            "They",
            "We",
            "I",
            "In",
            "On",
            "At",
            "There",
            "His",
            "Her",
            "Its",
            "Their",
            "That",
            "For",
            "As",
            "More",
            "Most",
            "Some",
            "All",
            "Many",
            "But",
        ],
        "uk": [
            "Це",
            "Цей",
            "Ця",
            "Ці",
            "Він",
            "Вона",
            "Вони",
            "Воно",
            "Ми",
            "У",
            "В",
            "На",
            "За",
            "З",
            "Із",
            "Якщо",
            "Коли",
            "Після",
            "До",
            "Для",
            "Його",
            "Її",
            "Їх",
            "Деякі",
            "Багато",
            "Але",
            "Хоча",
            "Під",
            "Кожен",
            "Усі",
            "Всі",
            "Вже",
        ],
        "ru": [
            "Это",
            "Этот",
            "Эта",
            "Эти",
            "Он",
            "Она",
            "Они",
            "Оно",
            "Мы",
            "В",
            "На",
            "За",
            "С",
            "Из",
            "Если",
            "Когда",
            "После",
            "До",
            "Для",
            "Его",
            "Её",
            "Их",
            "Некоторые",
            "Многие",
            "Но",
            "Хотя",
            "Под",
            "Каждый",
            "Все",
            "Уже",
            "По",
        ],
    }[language]
    return text[0].lower() + text[1:] if first in opens and first != "I" else text


def _framed(text: str, frame: str, language: str) -> str:
    return frame.format(_lower_start(text, language))


def _with_detail(text: str, detail: str) -> str | None:
    body = text.rstrip()
    return (
        f"{body[:-1]} {detail}."
        if body.endswith(".") and not body.endswith("..") and len(body) < 170
        else None
    )


class Maker:
    """Makes the rows of one unit."""

    def __init__(self, units: list[Unit], near: dict[str, list[str]], seed: int) -> None:
        self._by_name = {unit.name: unit for unit in units}
        self._documents: dict[str, list[Unit]] = defaultdict(list)
        for unit in units:
            self._documents[unit.document].append(unit)
        self._near = near
        self._rng = random.Random(seed)

    def rows(self, unit: Unit) -> Iterator[Row]:
        """Yield the rows of every ordered pair of languages of a unit."""
        here = [language for language in EDITABLE if language in unit.texts]
        for a in here:
            for b in here:
                yield from self._pair(unit, a, b)
        others = [language for language in unit.texts if language not in EDITABLE]
        for other in others:
            if here and self._rng.random() < OTHER_SHARE * (3 if len(others) == 1 else 4):
                yield from self._pair(unit, other, self._rng.choice(here))

    def _pair(self, unit: Unit, a: str, b: str) -> Iterator[Row]:
        rng = self._rng
        evidence, claim = unit.texts[a], unit.texts[b]
        if "?" in evidence or "?" in claim:
            return
        found: dict[str, list[tuple[str, str, str]]] = {"supports": [], "refutes": [], "neutral": []}
        parts = shortened(claim, b)
        whole = [claim] if a != b else []
        for part in parts:
            found["supports"].append(("part", evidence, part))
        if whole:
            found["supports"].append(("translation", evidence, claim))
        for base in [*whole, *parts][:4] or [claim]:
            for edit in contradictions(base, b, unit.name):
                found["refutes"].append((edit.kind, evidence, edit.text))
            true, false = rewordings(base, b, rng)
            found["supports"] += [("reworded", evidence, text) for text in true]
            found["refutes"] += [("reworded", evidence, text) for text in false]
        if a in EDITABLE:
            self._both_sides(unit, a, b, parts, found)
        self._details(unit, a, b, parts, found)
        found["neutral"] += self._elsewhere(unit, a, b)
        yield from self._chosen(unit, a, b, found)

    def _both_sides(
        self, unit: Unit, a: str, b: str, parts: list[str], found: dict[str, list[tuple[str, str, str]]]
    ) -> None:
        """Edit the evidence: alone it refutes the true claim, with the same edit in the claim it supports."""
        changed = {edit.key: edit for edit in contradictions(unit.texts[a], a, unit.name)}
        for base in [unit.texts[b], *parts]:
            for edit in contradictions(base, b, unit.name):
                twin = changed.get(edit.key)
                if twin is None:
                    continue
                alone = base if base != unit.texts[a] else None
                if alone:
                    found["refutes"].append((f"evidence {edit.kind}", twin.text, alone))
                if edit.text != twin.text and edit.key[-1] not in EDITABLE:
                    found["supports"].append((f"both {edit.kind}", twin.text, edit.text))

    def _details(
        self, unit: Unit, a: str, b: str, parts: list[str], found: dict[str, list[tuple[str, str, str]]]
    ) -> None:
        rng = self._rng
        evidence, base = unit.texts[a], rng.choice([unit.texts[b], *parts])
        if a not in EDITABLE:
            return
        group = rng.choice(DETAILS)
        one, other = rng.sample(group, 2)
        with_one, claim_one, claim_other = (
            _with_detail(evidence, one[a]),
            _with_detail(base, one[b]),
            _with_detail(base, other[b]),
        )
        if with_one and claim_one and claim_other:
            found["supports"].append(("detail both", with_one, claim_one))
            found["refutes"].append(("detail", with_one, claim_other))
            found["neutral"].append(("detail added", evidence, claim_one))
            if base != evidence:
                found["supports"].append(("detail left out", with_one, base))
        extra = rng.choice(UNDATED)
        plain, more = _with_detail(evidence, extra[a]), _with_detail(base, extra[b])
        if plain and more:
            found["neutral"].append(("cause added", evidence, more))
            if rng.random() < 0.5:
                found["supports"].append(("cause both", plain, more))
        if len(evidence) < 200:
            for kind, label in (("fact", "supports"), ("denied", "refutes"), ("open", "neutral")):
                frame = rng.choice(FRAMES[kind])
                if rng.random() < 0.35:
                    found[label].append((f"framed {kind}", _framed(evidence, frame[a], a), base))
            kind = rng.choice(["fact", "denied", "open"])
            frame = rng.choice(FRAMES[kind])
            if rng.random() < 0.12 and a != b:
                found["supports"].append(
                    ("framed both", _framed(evidence, frame[a], a), _framed(unit.texts[b], frame[b], b))
                )
            if rng.random() < 0.15:
                frame = rng.choice(FRAMES["denied"])
                found["refutes"].append(("framed claim", evidence, _framed(base, frame[b], b)))
            if rng.random() < 0.08:
                frame = rng.choice(FRAMES["fact"][:2])
                found["supports"].append(("framed claim", evidence, _framed(base, frame[b], b)))

    def _elsewhere(self, unit: Unit, a: str, b: str) -> list[tuple[str, str, str]]:
        """Return claims of other sentences: neighbours and the nearest by meaning."""
        rng = self._rng
        near = [
            n
            for n in self._documents[unit.document]
            if n is not unit and abs(n.position - unit.position) <= 3
        ]
        alike = [self._by_name[name] for name in self._near.get(unit.name, [])]
        chosen = []
        for kind, units in (("neighbour", near), ("alike", alike), ("alike", alike)):
            usable = [u for u in units if b in u.texts and "?" not in u.texts[b]]
            if usable:
                text = rng.choice(usable).texts[b]
                parts = shortened(text, b) if b in EDITABLE else []
                text = rng.choice([text, *parts])
                edits = contradictions(text, b, unit.name) if b in EDITABLE and rng.random() < 0.3 else []
                chosen.append((kind, unit.texts[a], rng.choice(edits).text if edits else text))
        return chosen

    def _chosen(
        self, unit: Unit, a: str, b: str, found: dict[str, list[tuple[str, str, str]]]
    ) -> Iterator[Row]:
        """Take as many of each label, spreading over families, and put some evidence into longer passages."""
        rng = self._rng
        limit = 2 if len([x for x in unit.texts if x in EDITABLE]) == 3 else 3
        for label, options in found.items():
            by_kind: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
            for option in options:
                by_kind[option[0]].append(option)
            kinds = list(by_kind)
            rng.shuffle(kinds)
            for kind in kinds[:limit]:
                _, evidence, claim = rng.choice(by_kind[kind])
                if evidence.casefold() == claim.casefold():
                    continue
                yield {
                    "evidence": self._in_passage(unit, a, evidence),
                    "claim": claim,
                    "label": label,
                    "kind": kind,
                    "pair": f"{a}-{b}",
                }

    def _in_passage(self, unit: Unit, language: str, evidence: str) -> str:
        """Put a fifth of the evidence between sentences of its document or of another one."""
        rng = self._rng
        if rng.random() > 0.2 or len(evidence) > 260:
            return evidence
        far = [
            u
            for u in self._documents[unit.document]
            if abs(u.position - unit.position) > 3 and language in u.texts
        ]
        others = far or [
            self._by_name[name]
            for name in self._near.get(unit.name, [])
            if language in self._by_name[name].texts
        ]
        others = [u for u in others if "?" not in u.texts[language] and len(u.texts[language]) < 160]
        if not others:
            return evidence
        text = rng.choice(others).texts[language]
        return f"{text} {evidence}" if rng.random() < 0.6 else f"{evidence} {text}"


def nearest(units: list[Unit], encoder: Path | None) -> dict[str, list[str]]:
    """Find for each unit five other sentences close in meaning, of other documents and not its copies.

    Uses the encoder's sentence vectors of one language each; without an encoder the topic decides.
    """
    if encoder is None:
        by_topic = defaultdict(list)
        for unit in units:
            by_topic[unit.topic or unit.document].append(unit.name)
        rng = random.Random(0)
        return {
            u.name: rng.sample(by_topic[u.topic or u.document], min(5, len(by_topic[u.topic or u.document])))
            for u in units
        }
    import torch
    from transformers import AutoTokenizer, BertModel

    tokenizer, model = (
        AutoTokenizer.from_pretrained(encoder),
        BertModel.from_pretrained(encoder, add_pooling_layer=False).eval(),
    )
    texts = [
        "query: " + (u.texts.get("en") or u.texts.get("uk") or next(iter(u.texts.values()))) for u in units
    ]
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.zeros((len(texts), model.config.hidden_size), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            batch = tokenizer(
                [texts[i] for i in chosen], padding=True, truncation=True, max_length=48, return_tensors="pt"
            )
            states = model(batch["input_ids"], batch["attention_mask"]).last_hidden_state.float()
            mask = batch["attention_mask"].unsqueeze(-1)
            vectors[chosen] = torch.nn.functional.normalize(
                (states * mask).sum(1) / mask.sum(1), dim=1
            ).numpy()
    found = {}
    for start in range(0, len(units), 512):
        close = vectors[start : start + 512] @ vectors.T
        for i, row in enumerate(close, start):
            best = np.argsort(-row)[:14]
            # Above 0.94 two sentences may say the same; such pairs are not safely neutral.
            found[units[i].name] = [units[j].name for j in best if j != i and row[j] < 0.94][:6]
    return found


def mixed_nli(rows: list[Row], units: list[Unit], seed: int) -> Iterator[Row]:
    """Yield English NLI rows with words of one or both sides in Ukrainian or Russian."""
    rng = random.Random(seed)
    lexicons = {}
    for language in ("uk", "ru"):
        pairs = [(u.texts["en"], u.texts[language]) for u in units if "en" in u.texts and language in u.texts]
        lexicons[language] = learn_lexicon(pairs)
        print(
            language,
            "lexicon",
            len(lexicons[language]),
            [(w, lexicons[language].get(w)) for w in ("year", "people", "more", "not", "won", "city")],
        )
    for row in rows:
        style = rng.random()
        one, two = rng.choice([("uk", "ru"), ("ru", "uk"), ("uk", "uk"), ("ru", "ru")])
        evidence, claim, pair = row["evidence"], row["claim"], ["en", "en"]
        if style < 0.7:  # one side or the other as far as the lexicon goes
            if style < 0.27 or style >= 0.54:
                claim, share = switch(claim, lexicons[one], 1.0, rng)
                pair[1] = one
            if style >= 0.27:
                evidence, share = switch(evidence, lexicons[two], 1.0, rng)
                pair[0] = two
        else:  # a half of the words on both sides
            evidence, _ = switch(evidence, lexicons[one], 0.5, rng)
            claim, share = switch(claim, lexicons[two], 0.5, rng)
        if share > 0.25:
            yield {
                **row,
                "evidence": evidence,
                "claim": claim,
                "kind": "mixed " + row["kind"],
                "pair": "-".join(pair) + "*",
            }


def main() -> None:
    """Write the pools ``made``, ``lexical``, ``quantity``, ``opposition`` and ``mixed``, and held-out rows of them (``*_dev``)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder that make_nli.py wrote to")
    parser.add_argument("--encoder", type=Path, help="directory of the encoder that finds near sentences")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    units = read_units(options.data)
    train, held = [u for u in units if not u.held_out], [u for u in units if u.held_out]
    print(len(train), "units,", len(held), "held out")
    write_rows(options.out / "quantity.jsonl.gz", made_quantities(27_000, rng))
    write_rows(options.out / "quantity_dev.jsonl.gz", made_quantities(270, rng))
    groups, kept_groups = held_out_groups(read_groups())
    write_rows(options.out / "opposition.jsonl.gz", made_oppositions(18_000, groups, rng))
    write_rows(options.out / "opposition_dev.jsonl.gz", made_oppositions(270, kept_groups, rng))
    nli = read_rows(options.out / "nli.jsonl.gz")
    write_rows(options.out / "mixed.jsonl.gz", mixed_nli(nli, train, options.seed))
    for name, part in (("made", train), ("made_dev", held)):
        maker = Maker(part, nearest(part, options.encoder), options.seed)
        every = [row for unit in part for row in maker.rows(unit)]
        rows = balanced(thinned(every, rng), rng)
        if name == "made":
            write_rows(options.out / "lexical.jsonl.gz", balanced(word_edits(every, rng), rng))
        if name == "made_dev":
            rows = sample_evenly(rows, 450, rng)
        write_rows(options.out / f"{name}.jsonl.gz", rows)
        print(
            name,
            len(rows),
            Counter(r["label"] for r in rows),
            sorted(Counter((r["pair"]) for r in rows).items()),
        )
        print(sorted(Counter((r["label"], r["kind"]) for r in rows).items()))


def thinned(rows: list[Row], rng: random.Random) -> list[Row]:
    """Drop a part of the families that `KEEP` names."""
    return [row for row in rows if rng.random() < KEEP.get(row["kind"], 1.0)]


def word_edits(rows: list[Row], rng: random.Random) -> list[Row]:
    """Keep the pairs that turn on one word or number, with translations and near sentences to set them against."""
    kept = []
    for row in rows:
        family = row["kind"].removeprefix("evidence ").removeprefix("both ")
        turns = family in WORD_EDITS or family == "reworded"
        plain = row["kind"] in ("translation", "part") and rng.random() < 0.4
        near = row["kind"] in ("alike", "neighbour")
        if (row["label"] != "neutral" and turns) or plain or near:
            kept.append(row)
    return kept


def balanced(rows: list[Row], rng: random.Random) -> list[Row]:
    """Cut every language pair to as many rows of each label."""
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row["pair"]][row["label"]].append(row)
    kept = []
    for by_label in groups.values():
        least = min((len(group) for group in by_label.values()), default=0) if len(by_label) == 3 else 0
        for group in by_label.values():
            kept += rng.sample(group, least)
    rng.shuffle(kept)
    return kept


def sample_evenly(rows: list[Row], count: int, rng: random.Random) -> list[Row]:
    """Take about ``count`` rows of the nine main language pairs, as many of each label and pair."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if all(language in EDITABLE for language in row["pair"].split("-")):
            groups[row["pair"], row["label"]].append(row)
    return [
        row for group in groups.values() for row in rng.sample(group, min(len(group), count // len(groups)))
    ]


if __name__ == "__main__":
    main()
