"""Pairs of news statements that agree, oppose each other or have nothing to say on one another, from hand-written groups.

Contradiction in news is seldom a changed word: "ran aground" and "kept afloat", "acquitted" and "found guilty". ``oppositions.txt`` holds such
statements in three languages; towns and people are invented.
"""

from __future__ import annotations

import random
from pathlib import Path

from quantities_made import LANGUAGES, OPENINGS, TAILS
from rows import Row

TOWNS = [
    ("Halden", "Гальден", "Хальден"), ("Sorvik", "Сорвік", "Сорвик"), ("Marvia", "Марвія", "Марвия"), ("Belgor", "Белгор", "Белгор"),
    ("Lisna", "Лісна", "Лесна"), ("Tarnow", "Тарнів", "Тарнув"), ("Orlyk", "Орлик", "Орлик"), ("Kastel", "Кастель", "Кастель"),
    ("Novara", "Новара", "Новара"), ("Drava", "Драва", "Драва"), ("Elmont", "Елмонт", "Элмонт"), ("Porto Vel", "Порто-Вел", "Порто-Вел"),
    ("Sambor", "Самбор", "Самбор"), ("Zarechye", "Заріччя", "Заречье"), ("Velden", "Вельден", "Вельден"), ("Kamyanka", "Кам'янка", "Каменка"),
    ("Ostrova", "Острова", "Острова"), ("Rothen", "Ротен", "Ротен"), ("Mirny", "Мирний", "Мирный"), ("Castlebay", "Каслбей", "Каслбей"),
]  # fmt: skip
PEOPLE = [
    ("Andrii Lozovyi", "Андрій Лозовий", "Андрей Лозовой"), ("Martin Hale", "Мартін Гейл", "Мартин Хейл"), ("Igor Strelkin", "Ігор Стрелкін", "Игорь Стрелкин"),
    ("Tomas Brand", "Томас Бранд", "Томас Бранд"), ("Petro Hnatiuk", "Петро Гнатюк", "Пётр Гнатюк"), ("Oleg Sedov", "Олег Сєдов", "Олег Седов"),
    ("Jan Kowal", "Ян Коваль", "Ян Коваль"), ("Ruslan Aliev", "Руслан Алієв", "Руслан Алиев"), ("Henrik Dahl", "Генрік Даль", "Хенрик Даль"),
    ("Paul Moreau", "Поль Моро", "Поль Моро"), ("Viktor Reznik", "Віктор Резнік", "Виктор Резник"), ("David Osman", "Девід Осман", "Дэвид Осман"),
]  # fmt: skip


def read_groups() -> list[list[tuple[str, ...]]]:
    """Read the groups: five statements each (two alike, two against them, one beside the point), each in three languages."""
    text = (Path(__file__).parent / "oppositions.txt").read_text("utf-8")
    blocks = "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip().split("\n\n")
    groups = [
        [tuple(cell.strip() for cell in line.split("|")) for line in block.splitlines()] for block in blocks
    ]
    for group in groups:
        if len(group) != 5 or any(len(line) != len(LANGUAGES) for line in group):
            msg = f"A group must have five lines of three columns; found {group}."
            raise ValueError(msg)
    return groups


def held_out(
    groups: list[list[tuple[str, ...]]],
) -> tuple[list[list[tuple[str, ...]]], list[list[tuple[str, ...]]]]:
    """Part the groups into training ones and every ninth, kept for choosing."""
    return [g for i, g in enumerate(groups) if i % 9 != 4], groups[4::9]


def made(count: int, groups: list[list[tuple[str, ...]]], rng: random.Random) -> list[Row]:
    """Make ``count`` pairs, as many of each label and language pair."""
    rows: list[Row] = []
    pairs = [(i, j) for i in range(3) for j in range(3)]
    for number in range(count):
        i, j = pairs[number % 9]
        label = ("supports", "refutes", "neutral")[number // 9 % 3]
        group = rng.choice(groups)
        town, person = rng.choice(TOWNS), rng.choice(PEOPLE)
        side = rng.choice((0, 2))
        first = side + rng.randint(0, 1)
        town2, person2 = town, person
        if label == "supports":
            second = rng.choice([first, side + 1 - (first - side)]) if i != j else side + 1 - (first - side)
        elif label == "refutes":
            second = 2 - side + rng.randint(0, 1)
        else:
            second = rng.choice((4, 4, 4, first, 3 - first))
            if second != 4:
                town2, person2 = (
                    rng.choice([t for t in TOWNS if t != town]),
                    rng.choice([p for p in PEOPLE if p != person]),
                )
            elif rng.random() < 0.4:
                first, second = second, first

        def say(line: tuple[str, ...], language: int, place: tuple[str, ...], who: tuple[str, ...]) -> str:
            text = line[language].format(t=place[language], p=who[language])
            return text[0].upper() + text[1:]

        evidence, claim = say(group[first], i, town, person), say(group[second], j, town2, person2) + "."
        evidence += rng.choice(TAILS)[i] if rng.random() < 0.35 and "," not in evidence else ""
        evidence += "."
        if rng.random() < 0.25:
            evidence = rng.choice(OPENINGS[1:])[i] + evidence
        if (
            rng.random() < 0.3
        ):  # another matter of the same town, so that evidence is long and not all of it is about the claim
            other = (
                say(
                    rng.choice([g for g in groups if g is not group])[rng.randint(0, 4)],
                    i,
                    town,
                    rng.choice(PEOPLE),
                )
                + "."
            )
            evidence = f"{evidence} {other}" if rng.random() < 0.5 else f"{other} {evidence}"
        kind = "opposition other place" if label == "neutral" and town2 != town else "opposition"
        rows.append(
            {
                "evidence": evidence,
                "claim": claim,
                "label": label,
                "kind": kind,
                "pair": f"{LANGUAGES[i]}-{LANGUAGES[j]}",
            }
        )
    rng.shuffle(rows)
    return rows
