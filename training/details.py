"""Phrases that add a detail to a sentence and frames that change how sure it is, each written in three languages.

In a group only one phrase can be true at a time: the same phrase on both sides supports, two different ones refute, a phrase that only the
claim has is neutral, one that only the evidence has leaves the claim supported. The same words so appear under every label.
"""

from __future__ import annotations

DETAILS: tuple[tuple[dict[str, str], ...], ...] = tuple(
    tuple(dict(zip(("en", "uk", "ru"), phrase, strict=True)) for phrase in group)
    for group in (
        (("on Monday", "у понеділок", "в понедельник"), ("on Wednesday", "у середу", "в среду"), ("on Friday", "у п'ятницю", "в пятницу"), ("on Sunday", "у неділю", "в воскресенье")),
        (("in March", "у березні", "в марте"), ("in July", "у липні", "в июле"), ("in September", "у вересні", "в сентябре"), ("in November", "у листопаді", "в ноябре")),
        (("in 1998", "у 1998 році", "в 1998 году"), ("in 2011", "у 2011 році", "в 2011 году"), ("in 2016", "у 2016 році", "в 2016 году"), ("in 2023", "у 2023 році", "в 2023 году")),
        (("in the presence of 200 people", "у присутності 200 людей", "в присутствии 200 человек"), ("in the presence of 3,000 people", "у присутності 3000 людей", "в присутствии 3000 человек"), ("with no one watching", "без жодного свідка", "без единого свидетеля")),
        (("for the first time", "уперше", "впервые"), ("for the third time", "утретє", "в третий раз"), ("for the tenth time", "удесяте", "в десятый раз")),
        (("early in the morning", "рано-вранці", "рано утром"), ("late in the evening", "пізно ввечері", "поздно вечером"), ("at noon", "опівдні", "в полдень")),
        (("within two weeks", "протягом двох тижнів", "в течение двух недель"), ("within six months", "протягом шести місяців", "в течение шести месяцев"), ("within ten years", "протягом десяти років", "в течение десяти лет")),
        (("in Spain", "в Іспанії", "в Испании"), ("in Canada", "у Канаді", "в Канаде"), ("in Egypt", "в Єгипті", "в Египте"), ("in Poland", "у Польщі", "в Польше")),
        (("at a cost of five million euros", "вартістю п'ять мільйонів євро", "стоимостью пять миллионов евро"), ("at a cost of forty million euros", "вартістю сорок мільйонів євро", "стоимостью сорок миллионов евро"), ("free of charge", "безкоштовно", "бесплатно")),
        (("with the consent of the government", "за згодою уряду", "с согласия правительства"), ("against the will of the government", "всупереч волі уряду", "вопреки воле правительства")),
        (("without any injuries", "без постраждалих", "без пострадавших"), ("leaving twelve people injured", "внаслідок чого постраждали дванадцятеро людей", "в результате чего пострадали двенадцать человек")),
        (("more than 50 times", "понад 50 разів", "более 50 раз"), ("fewer than 10 times", "менше 10 разів", "менее 10 раз")),
        (("in less than an hour", "менш ніж за годину", "менее чем за час"), ("in more than six hours", "більш ніж за шість годин", "более чем за шесть часов"), ("in about three days", "приблизно за три дні", "примерно за три дня")),
        (("in the north of the country", "на півночі країни", "на севере страны"), ("in the south of the country", "на півдні країни", "на юге страны"), ("in the capital", "у столиці", "в столице")),
    )
)  # fmt: skip

UNDATED: tuple[dict[str, str], ...] = tuple(
    dict(zip(("en", "uk", "ru"), phrase, strict=True))
    for phrase in (
        ("because of bad weather", "через негоду", "из-за непогоды"),
        ("because of a lack of money", "через брак коштів", "из-за нехватки средств"),
        ("after long protests", "після тривалих протестів", "после долгих протестов"),
        (
            "despite objections from residents",
            "попри заперечення мешканців",
            "несмотря на возражения жителей",
        ),
        ("with the help of volunteers", "за допомогою волонтерів", "с помощью волонтёров"),
        ("according to a court ruling", "за рішенням суду", "по решению суда"),
        ("on the orders of the president", "за наказом президента", "по приказу президента"),
        ("which angered the opposition", "що розлютило опозицію", "что разозлило оппозицию"),
        ("and cost two people their jobs", "і коштувало двом людям роботи", "и стоило двум людям работы"),
        (
            "which caused a sharp rise in prices",
            "що спричинило різке зростання цін",
            "что вызвало резкий рост цен",
        ),
        ("to the surprise of experts", "на подив експертів", "к удивлению экспертов"),
        ("as the opposition had demanded", "як вимагала опозиція", "как требовала оппозиция"),
    )
)
"""Details of which several can be true at once: added to the claim alone they make it neutral, never refuted."""

FRAMES: dict[str, tuple[dict[str, str], ...]] = {
    kind: tuple(dict(zip(("en", "uk", "ru"), frame, strict=True)) for frame in frames)
    for kind, frames in {
        "fact": (
            ("It has been confirmed that {}", "Підтверджено, що {}", "Подтверждено, что {}"),
            ("It is known that {}", "Відомо, що {}", "Известно, что {}"),
            ("Documents show that {}", "Документи свідчать, що {}", "Документы показывают, что {}"),
            ("As the commission established, {}", "Як встановила комісія, {}", "Как установила комиссия, {}"),
            ("There is no doubt that {}", "Немає сумніву, що {}", "Нет сомнений, что {}"),
            ("No one disputes that {}", "Ніхто не заперечує, що {}", "Никто не отрицает, что {}"),
            ("Officials said that {}", "Чиновники повідомили, що {}", "Чиновники сообщили, что {}"),
        ),
        "denied": (
            ("It is not true that {}", "Неправда, що {}", "Неправда, что {}"),
            ("It turned out to be false that {}", "Виявилося неправдою, що {}", "Оказалось неправдой, что {}"),
            ("The commission disproved the claim that {}", "Комісія спростувала твердження, що {}", "Комиссия опровергла утверждение, что {}"),
            ("There is proof against the claim that {}", "Є докази проти твердження, що {}", "Есть доказательства против утверждения, что {}"),
            ("It is a fabrication that {}", "Вигадкою є те, що {}", "Выдумкой является то, что {}"),
        ),
        "open": (
            ("It is not known whether it is true that {}", "Невідомо, чи правда, що {}", "Неизвестно, правда ли, что {}"),
            ("There are rumours that {}", "Ходять чутки, що {}", "Ходят слухи, что {}"),
            ("Some suspect that {}", "Дехто підозрює, що {}", "Некоторые подозревают, что {}"),
            ("Perhaps {}", "Можливо, {}", "Возможно, {}"),
            ("The commission is checking whether it is true that {}", "Комісія перевіряє, чи правда, що {}", "Комиссия проверяет, правда ли, что {}"),
            ("It was not possible to find out whether {}", "Не вдалося з'ясувати, чи правда, що {}", "Не удалось выяснить, правда ли, что {}"),
            ("Many hope that {}", "Багато хто сподівається, що {}", "Многие надеются, что {}"),
        ),
    }.items()
}  # fmt: skip
"""Evidence in a frame against the plain claim: *fact* supports, *denied* refutes, *open* is neutral."""
