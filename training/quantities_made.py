"""Pairs about quantities, written from templates: the label follows from comparing two intervals.

Evidence and claim state a quantity of the same invented event, each in its own language and its own way ("almost
five hours", "5 годин", "менее 10 часов"). Every event is invented and general.
"""

from __future__ import annotations

import math
import random

from rows import Row

LANGUAGES = ("en", "uk", "ru")

# unit: English one / many; Ukrainian and Russian one (nominative), two to four, five and more (= genitive plural), genitive singular
UNITS = {
    "hour": (("hour", "hours"), ("година", "години", "годин", "години"), ("час", "часа", "часов", "часа")),
    "minute": (("minute", "minutes"), ("хвилина", "хвилини", "хвилин", "хвилини"), ("минута", "минуты", "минут", "минуты")),
    "day": (("day", "days"), ("день", "дні", "днів", "дня"), ("день", "дня", "дней", "дня")),
    "week": (("week", "weeks"), ("тиждень", "тижні", "тижнів", "тижня"), ("неделя", "недели", "недель", "недели")),
    "month": (("month", "months"), ("місяць", "місяці", "місяців", "місяця"), ("месяц", "месяца", "месяцев", "месяца")),
    "year": (("year", "years"), ("рік", "роки", "років", "року"), ("год", "года", "лет", "года")),
    "person": (("person", "people"), ("людина", "людини", "людей", "людини"), ("человек", "человека", "человек", "человека")),
    "house": (("house", "houses"), ("будинок", "будинки", "будинків", "будинку"), ("дом", "дома", "домов", "дома")),
    "vote": (("vote", "votes"), ("голос", "голоси", "голосів", "голосу"), ("голос", "голоса", "голосов", "голоса")),
    "km": (("kilometre", "kilometres"), ("кілометр", "кілометри", "кілометрів", "кілометра"), ("километр", "километра", "километров", "километра")),
    "ton": (("tonne", "tonnes"), ("тонна", "тонни", "тонн", "тонни"), ("тонна", "тонны", "тонн", "тонны")),
    "percent": (("percent", "percent"), ("відсоток", "відсотки", "відсотків", "відсотка"), ("процент", "процента", "процентов", "процента")),
    "degree": (("degree", "degrees"), ("градус", "градуси", "градусів", "градуса"), ("градус", "градуса", "градусов", "градуса")),
    "euro": (("euro", "euros"), ("євро",) * 4, ("евро",) * 4),
    "dollar": (("dollar", "dollars"), ("долар", "долари", "доларів", "долара"), ("доллар", "доллара", "долларов", "доллара")),
}  # fmt: skip

SECONDS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "month": 43800, "year": 525600}
"""Durations in minutes: "two weeks" and "ten days" are compared as such."""

WORDS = {
    "en": [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ],
    "uk": [
        "нуль",
        "один",
        "два",
        "три",
        "чотири",
        "п'ять",
        "шість",
        "сім",
        "вісім",
        "дев'ять",
        "десять",
        "одинадцять",
        "дванадцять",
    ],
    "ru": [
        "ноль",
        "один",
        "два",
        "три",
        "четыре",
        "пять",
        "шесть",
        "семь",
        "восемь",
        "девять",
        "десять",
        "одиннадцать",
        "двенадцать",
    ],
}
FEMININE = {"uk": {"година", "хвилина", "людина", "тонна"}, "ru": {"минута", "неделя", "тонна"}}

# units an event can be told in, the range of its number, and the event in three languages
EVENTS: list[tuple[tuple[str, ...], tuple[int, int], tuple[str, str, str]]] = [
    (("hour", "minute", "day"), (1, 12), ("The storm lasted {}", "Буря тривала {}", "Буря длилась {}")),
    (("hour", "minute"), (1, 12), ("The concert in the park lasted {}", "Концерт у парку тривав {}", "Концерт в парке длился {}")),
    (("hour", "minute"), (1, 12), ("The council session went on for {}", "Сесія міськради тривала {}", "Сессия горсовета продолжалась {}")),
    (("hour", "minute"), (1, 12), ("The operation on the patient took {}", "Операція пацієнта тривала {}", "Операция пациента заняла {}")),
    (("hour", "day"), (1, 12), ("The fire at the warehouse burned for {}", "Пожежа на складі тривала {}", "Пожар на складе длился {}")),
    (("day", "week", "month"), (1, 12), ("The miners' strike lasted {}", "Страйк шахтарів тривав {}", "Забастовка шахтёров длилась {}")),
    (("day", "week", "month", "year"), (1, 12), ("The repair of the bridge took {}", "Ремонт мосту тривав {}", "Ремонт моста занял {}")),
    (("month", "year", "week"), (1, 12), ("The trial of the former mayor lasted {}", "Суд над колишнім мером тривав {}", "Суд над бывшим мэром длился {}")),
    (("hour", "minute", "day"), (1, 12), ("The airport was closed for {}", "Аеропорт був закритий {}", "Аэропорт был закрыт {}")),
    (("hour", "day"), (1, 12), ("The village was without power for {}", "Село було без світла {}", "Деревня была без света {}")),
    (("hour", "minute", "day"), (1, 12), ("The search for the missing climber continued for {}", "Пошуки зниклого альпініста тривали {}", "Поиски пропавшего альпиниста продолжались {}")),
    (("hour", "minute"), (1, 12), ("The flight was delayed by {}", "Рейс затримали на {}", "Рейс задержали на {}")),
    (("year", "month"), (2, 12), ("The court sentenced the driver to {} in prison", "Суд засудив водія до ув'язнення на {}", "Суд приговорил водителя к заключению на {}")),
    (("person",), (2, 900), ("In the market hall explosion, the injured numbered {}", "Кількість поранених від вибуху на ринку — {}", "Число раненых при взрыве на рынке — {}")),
    (("person",), (2, 90000), ("The festival was attended by {}", "Фестиваль відвідали {}", "Фестиваль посетили {}")),
    (("person",), (2, 5000), ("The plant employs {}", "На заводі працює {}", "На заводе работает {}")),
    (("person",), (2, 9000), ("The rescuers evacuated {}", "Рятувальники евакуювали {}", "Спасатели эвакуировали {}")),
    (("house",), (2, 800), ("The flood destroyed {}", "Повінь зруйнувала {}", "Наводнение разрушило {}")),
    (("vote",), (2, 400), ("The bill received {}", "Законопроєкт отримав {}", "Законопроект получил {}")),
    (("km",), (2, 900), ("The new railway is {} long", "Довжина нової залізниці — {}", "Длина новой железной дороги — {}")),
    (("km",), (2, 400), ("The oil slick spread over {}", "Нафтова пляма розтягнулася на {}", "Нефтяное пятно растянулось на {}")),
    (("ton",), (2, 9000), ("Customs officers seized {} of cigarettes", "Митники вилучили цигарки — {}", "Таможенники изъяли сигареты — {}")),
    (("ton",), (2, 90000), ("Farmers harvested {} of wheat", "Фермери зібрали пшениці {}", "Фермеры собрали пшеницы {}")),
    (("percent",), (2, 95), ("Unemployment in the region rose by {}", "Безробіття в регіоні зросло на {}", "Безработица в регионе выросла на {}")),
    (("percent",), (2, 95), ("Bread prices went up by {}", "Ціни на хліб зросли на {}", "Цены на хлеб выросли на {}")),
    (("percent",), (2, 95), ("Turnout at the local election was {}", "Явка на місцевих виборах становила {}", "Явка на местных выборах составила {}")),
    (("degree",), (2, 45), ("The temperature in the valley dropped by {}", "Температура в долині знизилася на {}", "Температура в долине понизилась на {}")),
    (("euro", "dollar"), (2, 900000), ("The painting was sold for {}", "Картину продали за {}", "Картину продали за {}")),
    (("euro", "dollar"), (2, 90000000), ("The new stadium cost {}", "Новий стадіон коштував {}", "Новый стадион стоил {}")),
    (("euro", "dollar"), (2, 900000), ("The company was fined {}", "Компанію оштрафували на {}", "Компанию оштрафовали на {}")),
]  # fmt: skip

# Events whose quantity stands in a sentence that leans on the one before it: opening, leaning sentence, and the claim that names the event.
LEANING: list[tuple[tuple[str, ...], tuple[int, int], tuple[str, str, str], tuple[str, str, str], tuple[str, str, str]]] = [
    (("hour", "day"), (1, 12), ("A storm hit the coast in March.", "У березні на узбережжя налетіла буря.", "В марте на побережье обрушилась буря."),
     ("It lasted {}", "Вона тривала {}", "Она длилась {}"), ("The March storm on the coast lasted {}", "Березнева буря на узбережжі тривала {}", "Мартовская буря на побережье длилась {}")),
    (("week", "month", "day"), (1, 12), ("The miners had already gone on strike in spring.", "Шахтарі вже страйкували навесні.", "Шахтёры уже бастовали весной."),
     ("At that time the strike went on for {}", "Тоді страйк тривав {}", "Тогда забастовка продолжалась {}"), ("The miners' spring strike went on for {}", "Весняний страйк шахтарів тривав {}", "Весенняя забастовка шахтёров продолжалась {}")),
    (("hour", "minute"), (1, 12), ("The girl was taken to the regional hospital.", "Дівчинку доправили до обласної лікарні.", "Девочку доставили в областную больницу."),
     ("There surgeons operated on her for {}", "Там хірурги оперували її {}", "Там хирурги оперировали её {}"), ("The operation on the girl took {}", "Операція дівчинки тривала {}", "Операция девочки длилась {}")),
    (("month", "year"), (1, 12), ("The former governor was tried in the north of the country.", "Колишнього губернатора судили на півночі країни.", "Бывшего губернатора судили на севере страны."),
     ("The trial took {}", "Процес тривав {}", "Процесс занял {}"), ("The trial of the former governor took {}", "Суд над колишнім губернатором тривав {}", "Суд над бывшим губернатором длился {}")),
    (("hour", "minute", "day"), (1, 12), ("After the accident at the substation the city was left without light.", "Після аварії на підстанції місто залишилося без світла.", "После аварии на подстанции город остался без света."),
     ("The repair took {}", "Ремонт зайняв {}", "Ремонт занял {}"), ("The substation was repaired in {}", "Підстанцію відремонтували за {}", "Подстанцию отремонтировали за {}")),
    (("hour", "minute"), (1, 12), ("On Sunday the orchestra gave an open-air concert.", "У неділю оркестр дав концерт просто неба.", "В воскресенье оркестр дал концерт под открытым небом."),
     ("The musicians played for {}, and the audience did not want to leave", "Музиканти грали {}, і публіка не хотіла розходитися", "Музыканты играли {}, и публика не хотела расходиться"), ("The orchestra's Sunday concert lasted {}", "Недільний концерт оркестру тривав {}", "Воскресный концерт оркестра длился {}")),
    (("day", "week", "hour"), (1, 12), ("A fire broke out in the nature reserve in August.", "У серпні в заповіднику спалахнула пожежа.", "В августе в заповеднике вспыхнул пожар."),
     ("It was fought for {}, but half of the forest could not be saved", "З нею боролися {}, але половину лісу врятувати не вдалося", "С ним боролись {}, но половину леса спасти не удалось"), ("The August fire in the reserve was fought for {}", "З серпневою пожежею в заповіднику боролися {}", "С августовским пожаром в заповеднике боролись {}")),
    (("hour", "minute", "day"), (1, 12), ("Two tourists got lost in the cave.", "Двоє туристів заблукали в печері.", "Двое туристов заблудились в пещере."),
     ("They were looked for for {}", "Їх шукали {}", "Их искали {}"), ("The search for the two tourists in the cave took {}", "Пошуки двох туристів у печері тривали {}", "Поиски двух туристов в пещере длились {}")),
    (("person",), (2, 9000), ("An exhibition of toys opened in the museum.", "У музеї відкрилася виставка іграшок.", "В музее открылась выставка игрушек."),
     ("On the first day it was visited by {}", "Першого дня її відвідали {}", "В первый день её посетили {}"), ("On its first day {} came to the toy exhibition", "У перший день на виставку іграшок прийшли {}", "В первый день на выставку игрушек пришли {}")),
    (("house",), (2, 900), ("A hurricane passed over the island at night.", "Уночі над островом пройшов ураган.", "Ночью над островом прошёл ураган."),
     ("It destroyed {}", "Він зруйнував {}", "Он разрушил {}"), ("The hurricane on the island destroyed {}", "Ураган на острові зруйнував {}", "Ураган на острове разрушил {}")),
    (("euro", "dollar"), (2, 90000000), ("The airline did not return the money for the tickets.", "Авіакомпанія не повернула гроші за квитки.", "Авиакомпания не вернула деньги за билеты."),
     ("For this it was fined {}", "За це її оштрафували на {}", "За это её оштрафовали на {}"), ("The airline was fined {}", "Авіакомпанію оштрафували на {}", "Авиакомпанию оштрафовали на {}")),
    (("percent",), (2, 95), ("The statistics office reported on rents.", "Статистичне відомство повідомило про плату за оренду житла.", "Статистическое ведомство сообщило о плате за аренду жилья."),
     ("They rose by {} over the year", "За рік вона зросла на {}", "За год она выросла на {}"), ("Rents rose by {} over the year", "Плата за оренду житла за рік зросла на {}", "Плата за аренду жилья за год выросла на {}")),
    (("km",), (2, 900), ("The expedition set out along the frozen river.", "Експедиція вирушила вздовж замерзлої річки.", "Экспедиция отправилась вдоль замёрзшей реки."),
     ("It covered {}, but did not reach the sea", "Вона подолала {}, але до моря не дійшла", "Она прошла {}, но до моря не дошла"), ("The expedition on the frozen river covered {}", "Експедиція замерзлою річкою подолала {}", "Экспедиция по замёрзшей реке прошла {}")),
    (("hour", "minute"), (1, 12), ("The deputies had met once before, in April.", "Депутати вже збиралися раз, у квітні.", "Депутаты уже собирались один раз, в апреле."),
     ("That sitting lasted {} and ended in a quarrel", "Те засідання тривало {} і завершилося сваркою", "То заседание длилось {} и закончилось ссорой"), ("The deputies' April sitting lasted {}", "Квітневе засідання депутатів тривало {}", "Апрельское заседание депутатов длилось {}")),
]  # fmt: skip

TAILS = [
    (", but the damage was small", ", але збитки були невеликі", ", но ущерб был небольшим"),
    (", but nobody was held responsible", ", але нікого не притягли до відповідальності", ", но никого не привлекли к ответственности"),
    (", and the authorities promised to publish a report", ", і влада пообіцяла оприлюднити звіт", ", и власти пообещали опубликовать отчёт"),
    (", which had never happened before", ", чого раніше ніколи не було", ", чего раньше никогда не было"),
    (", according to the local newspaper", ", повідомляє місцева газета", ", сообщает местная газета"),
    (", said the governor's spokeswoman, calling the situation difficult", ", сказала речниця губернатора, назвавши ситуацію складною", ", сказала пресс-секретарь губернатора, назвав ситуацию сложной"),
    (", while neighbouring districts asked for help", ", тоді як сусідні райони попросили про допомогу", ", тогда как соседние районы попросили о помощи"),
]  # fmt: skip
OPENINGS = [
    ("As became known yesterday, ", "Як стало відомо вчора, ", "Как стало известно вчера, "),
    ("The mayor told reporters about the situation. ", "Мер розповів журналістам про ситуацію. ", "Мэр рассказал журналистам о ситуации. "),
    ("Local news. ", "Місцеві новини. ", "Местные новости. "),
    ("This was an unusual autumn for the region. ", "Це була незвичайна осінь для регіону. ", "Это была необычная осень для региона. "),
]  # fmt: skip

COMPARERS = {
    "exact": {"en": ("{}", "exactly {}"), "uk": ("{}", "рівно {}"), "ru": ("{}", "ровно {}")},
    "almost": {"en": ("almost {}", "nearly {}"), "uk": ("майже {}",), "ru": ("почти {}",)},
    "about": {"en": ("about {}", "around {}"), "uk": ("близько {g}", "приблизно {}"), "ru": ("около {g}", "примерно {}")},
    "more": {"en": ("more than {}", "over {}"), "uk": ("понад {}", "більше ніж {}", "більше {g}"), "ru": ("более {g}", "больше {g}", "свыше {g}")},
    "less": {"en": ("less than {}", "under {}"), "uk": ("менше {g}", "менш ніж {}", "менше ніж {}"), "ru": ("менее {g}", "меньше {g}", "меньше чем {}")},
}  # fmt: skip
_GENITIVE = {
    "uk": {2: "двох", 3: "трьох", 4: "чотирьох", 5: "п'яти", 6: "шести", 7: "семи", 8: "восьми", 9: "дев'яти", 10: "десяти", 11: "одинадцяти", 12: "дванадцяти"},
    "ru": {2: "двух", 3: "трёх", 4: "четырёх", 5: "пяти", 6: "шести", 7: "семи", 8: "восьми", 9: "девяти", 10: "десяти", 11: "одиннадцати", 12: "двенадцати"},
}  # fmt: skip


def amount(number: int, unit: str, language: str, rng: random.Random, *, genitive: bool = False) -> str:
    """Write a number with its unit in the right form, in digits or in words."""
    english, *slavic = UNITS[unit]
    millions = unit in ("euro", "dollar") and number >= 1_000_000
    shown = number // 1_000_000 if millions else number
    spelled = shown <= 12 and rng.random() < 0.6
    figures = f"{shown:,}" if shown >= 1000 else str(shown)
    if language != "en":
        figures = figures.replace(",", " ")
    if language == "en":
        return _english_amount(shown, figures, english, rng, millions=millions, spelled=spelled)
    forms = slavic[0 if language == "uk" else 1]
    few, many = (
        shown % 10 in (2, 3, 4) and shown % 100 not in (12, 13, 14),
        shown % 10 != 1 or shown % 100 == 11,
    )
    if millions:
        million = {
            "uk": ("мільйон", "мільйони", "мільйонів", "мільйона"),
            "ru": ("миллион", "миллиона", "миллионов", "миллиона"),
        }[language]
        noun_of, tail = million, " " + forms[2]
    else:
        noun_of, tail = forms, ""
    if genitive:
        noun = noun_of[2] if many or few else noun_of[3]
        if unit == "person" and not millions:
            noun = noun_of[2] if shown != 1 else noun_of[3]
    else:
        noun = noun_of[1] if few else (noun_of[2] if many else noun_of[0])
    if unit == "percent" and not spelled and rng.random() < 0.5:
        return f"{figures}%"
    if spelled and shown == 1:
        if genitive:
            return f"{noun_of[3]}{tail}"
        accusative = noun[:-1] + ("у" if noun.endswith("а") else "ю") if noun.endswith(("а", "я")) else noun
        return f"{accusative}{tail}"
    if spelled:
        count = _GENITIVE[language][shown] if genitive else WORDS[language][shown]
        if shown == 2 and not genitive and forms[0] in FEMININE[language]:
            count = {"uk": "дві", "ru": "две"}[language]
        return f"{count} {noun}{tail}"
    return f"{figures} {noun}{tail}"


def _english_amount(
    shown: int, figures: str, forms: tuple[str, ...], rng: random.Random, *, millions: bool, spelled: bool
) -> str:
    million = "million " if millions else ""
    if shown == 1 and spelled:
        return f"{'an' if forms[0] == 'hour' else 'a'} {million}{forms[1 if millions else 0]}"
    if forms[0] == "percent" and not spelled and rng.random() < 0.5:
        return f"{figures}%"
    return f"{WORDS['en'][shown] if spelled else figures} {million}{forms[0 if shown == 1 and not millions else 1]}"


OPPOSED = {("almost", "more"), ("more", "less"), ("less", "more"), ("more", "almost")}
"""Ways to speak of one number (evidence, claim) that exclude each other. Of the rest, such as "almost five" and "five", nobody would say so."""


def interval(number: float, comparer: str, *, spoken_by_evidence: bool) -> tuple[float, float]:
    """Return the values a phrase allows.

    Evidence is read as a reporter means it ("more than 300" is not 3,000), a claim is read as it stands.
    """
    as_meant = {
        "exact": (1, 1),
        "almost": (0.88, 0.995),
        "about": (0.93, 1.07),
        "more": (1.001, 1.3),
        "less": (0.7, 0.999),
    }
    as_written = {
        "exact": (1, 1),
        "almost": (0.85, 1),
        "about": (0.85, 1.15),
        "more": (1.0005, math.inf),
        "less": (0, 0.9995),
    }
    low, high = (as_meant if spoken_by_evidence else as_written)[comparer]
    return low * number, high * number


def compare(evidence: tuple[float, float], claim: tuple[float, float]) -> str | None:
    """Return ``supports`` when evidence lies inside the claim, ``refutes`` when they are clearly apart, else None."""
    if claim[0] <= evidence[0] and evidence[1] <= claim[1]:
        return "supports"
    gap = 1.04
    if evidence[1] * gap < claim[0] or claim[1] * gap < evidence[0]:
        return "refutes"
    if (evidence[1] <= claim[0] or claim[1] <= evidence[0]) and evidence != claim:
        return "refutes"
    return None


def _phrase(number: int, unit: str, comparer: str, language: str, rng: random.Random) -> str:
    pattern = rng.choice(COMPARERS[comparer][language])
    return pattern.format(
        amount(number, unit, language, rng), g=amount(number, unit, language, rng, genitive=True)
    )


def _near(number: int, high: int, rng: random.Random) -> int:
    """Return a number of the same event to compare with: often equal, sometimes close, sometimes far."""
    factor = rng.choice([1, 1, 1, 1, 1.2, 0.8, 1.5, 0.6, 2, 0.5, 0.2, 3, 5, 0.1])
    other = max(1, round(number * factor))
    if other > 30:
        step = 10 ** (len(str(other)) - 2)
        other = round(other / step) * step
    return max(min(other, 3 * high), 1)


def make(evidence_language: str, claim_language: str, rng: random.Random) -> Row | None:
    """Make one pair about a quantity, or None where the drawn pair has no clear label."""
    i, j = LANGUAGES.index(evidence_language), LANGUAGES.index(claim_language)
    opening = ("", "", "")
    if rng.random() < 0.3:
        units, (low, high), opening, told, texts = rng.choice(LEANING)
    else:
        units, (low, high), texts = rng.choice(EVENTS)
        told = texts
    unit = rng.choice(units)
    number = round(math.exp(rng.uniform(0.0 if low == 1 else 0.7, math.log(high))))
    if number > 30:
        step = 10 ** max(0, len(str(number)) - rng.choice([1, 2, 2, 3]))
        number = max(2, round(number / step) * step)
    if unit in ("euro", "dollar") and number > 1_000_000:
        number = number // 1_000_000 * 1_000_000
    said = rng.choice(["exact", "exact", "almost", "almost", "about", "more", "less"])
    evidence = told[i].format(_phrase(number, unit, said, evidence_language, rng))
    if rng.random() < 0.22:
        label = "neutral"
        other_units, (lo, hi), other_texts = rng.choice([e for e in EVENTS if e[2] != texts])
        same = [u for u in other_units if u in units]
        other_unit = rng.choice(same) if same and rng.random() < 0.7 else rng.choice(other_units)
        count = number if same and lo <= number <= hi else rng.randint(max(2, lo), min(hi, 60))
        claim = other_texts[j].format(
            _phrase(count, other_unit, rng.choice(list(COMPARERS)), claim_language, rng)
        )
    else:
        other_unit, other = unit, _near(number, high, rng)
        if len(units) > 1 and unit in SECONDS and rng.random() < 0.25:
            other_unit = rng.choice([u for u in units if u != unit])
            if other_unit in SECONDS:
                fits = number * SECONDS[unit] / SECONDS[other_unit]
                other = rng.choice([number, max(1, round(fits)), 1]) if fits < 200 else number
        if number > 1_000_000 and other < 1_000_000:
            other = 1_000_000
        if other > 1_000_000 and unit in ("euro", "dollar"):
            other = other // 1_000_000 * 1_000_000
        heard = rng.choice(["exact", "almost", "about", "more", "less"])
        scale = [SECONDS.get(unit, 1), SECONDS.get(other_unit, 1)]
        if unit != other_unit and unit not in SECONDS:
            return None
        known = interval(number * scale[0], said, spoken_by_evidence=True)
        verdict = compare(known, interval(other * scale[1], heard, spoken_by_evidence=False))
        same = number * scale[0] == other * scale[1]
        if same and verdict == "refutes" and (said, heard) not in OPPOSED:
            return None
        if verdict is None and said == heard and number == other and unit == other_unit:
            verdict = "supports"
        if verdict is None:
            return None
        label = verdict
        claim = texts[j].format(_phrase(other, other_unit, heard, claim_language, rng))
    claim += "."
    if rng.random() < (0.2 if opening[0] else 0.5):
        evidence += rng.choice(TAILS)[i]
    evidence += "."
    if opening[0]:
        evidence = f"{opening[i]} {evidence}"
    elif rng.random() < 0.35:
        evidence = rng.choice(OPENINGS)[i] + evidence
    if rng.random() < 0.25:
        _, (lo, hi), more = rng.choice([e for e in EVENTS if e[2] != texts])
        other_event = next(e for e in EVENTS if e[2] == more)
        extra = more[i].format(
            _phrase(
                rng.randint(max(2, lo), min(hi, 90)),
                rng.choice(other_event[0]),
                "exact",
                evidence_language,
                rng,
            )
        )
        if not (label == "neutral" and more == other_texts):
            evidence = f"{extra}. {evidence}" if rng.random() < 0.5 else f"{evidence} {extra}."
    return {
        "evidence": evidence,
        "claim": claim,
        "label": label,
        "kind": "quantity",
        "pair": f"{evidence_language}-{claim_language}",
    }


def made(count: int, rng: random.Random) -> list[Row]:
    """Make ``count`` pairs: language pairs in turn, labels in equal parts within each."""
    rows: list[Row] = []
    pairs = [(a, b) for a in LANGUAGES for b in LANGUAGES]
    for a, b in pairs:
        quota = dict.fromkeys(("supports", "refutes", "neutral"), count // len(pairs) // 3)
        while any(quota.values()):
            row = make(a, b, rng)
            if row is not None and quota[row["label"]] > 0:
                quota[row["label"]] -= 1
                rows.append(row)
    rng.shuffle(rows)
    return rows
