"""Sentences about nothing in particular, from which an encoder's idea of a language is measured.

The vectors of a multilingual encoder tell first which language a text is in, and only then what it says. `verifier.encode` subtracts
what all texts of a language have in common, and learns it from these: invented everyday news of many subjects, the same in
each language, so that what differs between the means is the language alone. To add a language, add its translation of
every row; changing a sentence changes every vector, and with it the fingerprint of every encoder.
"""

from __future__ import annotations

ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "The city council approved next year's budget after a long debate.",
        "Міська рада після довгих дебатів затвердила бюджет на наступний рік.",
        "Городской совет после долгих дебатов утвердил бюджет на следующий год.",
    ),
    (
        "The home team won the match two to one and went through to the final.",
        "Господарі виграли матч із рахунком два один і вийшли у фінал.",
        "Хозяева выиграли матч со счётом два один и вышли в финал.",
    ),
    (
        "Heavy snow and strong wind are expected in the mountains on Thursday.",
        "У четвер у горах очікують сильний снігопад і рвучкий вітер.",
        "В четверг в горах ожидаются сильный снегопад и порывистый ветер.",
    ),
    (
        "The central bank left its key interest rate unchanged.",
        "Центральний банк залишив облікову ставку без змін.",
        "Центральный банк оставил ключевую ставку без изменений.",
    ),
    (
        "A court sentenced the former mayor to three years in prison for bribery.",
        "Суд засудив колишнього мера до трьох років в'язниці за хабарництво.",
        "Суд приговорил бывшего мэра к трём годам тюрьмы за взяточничество.",
    ),
    (
        "Scientists have found a new species of frog in the rainforest.",
        "Науковці виявили в тропічному лісі новий вид жаб.",
        "Учёные обнаружили в тропическом лесу новый вид лягушек.",
    ),
    (
        "The actress said in an interview that she wanted to spend more time with her children.",
        "Акторка сказала в інтерв'ю, що хоче проводити більше часу з дітьми.",
        "Актриса сказала в интервью, что хочет проводить больше времени с детьми.",
    ),
    (
        "Two people were hurt when a lorry collided with a bus on the motorway.",
        "Двоє людей постраждали, коли вантажівка на трасі зіткнулася з автобусом.",
        "Два человека пострадали, когда грузовик на трассе столкнулся с автобусом.",
    ),
    (
        "The president met foreign ministers and spoke about security in the region.",
        "Президент зустрівся з міністрами закордонних справ і говорив про безпеку в регіоні.",
        "Президент встретился с министрами иностранных дел и говорил о безопасности в регионе.",
    ),
    (
        "Doctors advise elderly people to be vaccinated against influenza before winter.",
        "Лікарі радять людям похилого віку зробити до зими щеплення від грипу.",
        "Врачи советуют пожилым людям сделать до зимы прививку от гриппа.",
    ),
    (
        "The company plans to open a factory and to hire about four hundred workers.",
        "Компанія планує відкрити завод і найняти близько чотирьохсот працівників.",
        "Компания планирует открыть завод и нанять около четырёхсот работников.",
    ),
    (
        "The museum shows paintings that have not been seen in public for decades.",
        "Музей показує картини, яких публіка не бачила десятиліттями.",
        "Музей показывает картины, которых публика не видела десятилетиями.",
    ),
    (
        "Police are asking witnesses of the robbery to come forward.",
        "Поліція просить свідків пограбування зголоситися.",
        "Полиция просит свидетелей ограбления откликнуться.",
    ),
    (
        "Prices of bread and milk rose by five per cent over the past month.",
        "За останній місяць ціни на хліб і молоко зросли на п'ять відсотків.",
        "За последний месяц цены на хлеб и молоко выросли на пять процентов.",
    ),
    (
        "Teachers and parents protested against the closing of village schools.",
        "Вчителі та батьки протестували проти закриття сільських шкіл.",
        "Учителя и родители протестовали против закрытия сельских школ.",
    ),
    (
        "The new telephone has a better camera and a battery that lasts two days.",
        "Новий телефон має кращу камеру й акумулятор, якого вистачає на два дні.",
        "У нового телефона лучше камера и аккумулятор, которого хватает на два дня.",
    ),
    (
        "Soldiers held an exercise near the border, the ministry of defence reported.",
        "Військові провели навчання біля кордону, повідомило міністерство оборони.",
        "Военные провели учения у границы, сообщило министерство обороны.",
    ),
    (
        "The airline cancelled dozens of flights because of a strike.",
        "Авіакомпанія через страйк скасувала десятки рейсів.",
        "Авиакомпания из-за забастовки отменила десятки рейсов.",
    ),
    (
        "According to a survey, every third family keeps a cat.",
        "За даними опитування, кожна третя родина тримає кота.",
        "По данным опроса, каждая третья семья держит кошку.",
    ),
    (
        "The opposition accused the government of hiding the report.",
        "Опозиція звинуватила уряд у приховуванні звіту.",
        "Оппозиция обвинила правительство в сокрытии доклада.",
    ),
    (
        "Farmers complain of drought and expect a poor harvest of wheat.",
        "Фермери скаржаться на посуху й чекають поганого врожаю пшениці.",
        "Фермеры жалуются на засуху и ждут плохого урожая пшеницы.",
    ),
    (
        "He was born in a small town and studied law at the university.",
        "Він народився в невеликому місті й вивчав право в університеті.",
        "Он родился в небольшом городе и изучал право в университете.",
    ),
    (
        "The writer died on Sunday at the age of eighty-six.",
        "Письменник помер у неділю у віці вісімдесяти шести років.",
        "Писатель умер в воскресенье в возрасте восьмидесяти шести лет.",
    ),
    (
        "Firefighters worked all night to put out the fire in the warehouse.",
        "Пожежники всю ніч гасили вогонь на складі.",
        "Пожарные всю ночь тушили огонь на складе.",
    ),
    (
        "Parliament will vote on the bill in the second reading next week.",
        "Наступного тижня парламент голосуватиме за законопроєкт у другому читанні.",
        "На следующей неделе парламент проголосует по законопроекту во втором чтении.",
    ),
    (
        "Why this happened is still unknown, an expert told journalists.",
        "Чому це сталося, досі невідомо, сказав журналістам експерт.",
        "Почему это произошло, до сих пор неизвестно, сказал журналистам эксперт.",
    ),
    (
        "The road will be closed for repairs until the end of October.",
        "Дорогу закриють на ремонт до кінця жовтня.",
        "Дорогу закроют на ремонт до конца октября.",
    ),
    (
        "More than a thousand visitors came to the festival of folk music.",
        "На фестиваль народної музики приїхало понад тисячу гостей.",
        "На фестиваль народной музыки приехало больше тысячи гостей.",
    ),
    (
        "The bank's customers lost their savings because of a fraud.",
        "Клієнти банку через шахрайство втратили заощадження.",
        "Клиенты банка из-за мошенничества потеряли сбережения.",
    ),
    (
        "Read more about it on our website and subscribe to our channel.",
        "Читайте про це докладніше на нашому сайті та підписуйтеся на наш канал.",
        "Читайте об этом подробнее на нашем сайте и подписывайтесь на наш канал.",
    ),
)

SENTENCES: dict[str, tuple[str, ...]] = dict(
    zip(("en", "uk", "ru"), map(tuple, zip(*ROWS, strict=True)), strict=True)
)
"""The sentences by language."""
