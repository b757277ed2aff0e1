"""The words by which English, Ukrainian and Russian sentences show what kind of statement they make.

In an entry ``*`` stands for any letters (``minist*``, ``*ли``), ``_`` joins the words of a phrase (``according_to``), and ``=`` asks for the case as written (``=May``). Apostrophes are
straight and Russian words have no ``ё``: the texts are read so. Lists are by kind of sign; :mod:`verifier.claims.signs` says what each
counts for. Past tenses are told by their endings, with the nouns that end alike listed apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "date": """
                jan january feb february mar march april =May jun june jul july aug august sep sept september oct october nov november dec december
                monday tuesday wednesday thursday friday saturday sunday yesterday last_week last_month last_year last_night last_spring
                last_summer last_autumn last_winter this_week this_month this_year a_year_ago years_ago weeks_ago days_ago hours_ago a.m p.m
                noon midnight dawn the_following_day the_following_morning next_day spring summer autumn winter overnight weekend
            """,
            "attribution": """
                said says say told tells according_to reported reports announced confirmed stated states denied denies claimed claims
                testified acknowledged admitted estimated estimates revealed disclosed alleged warned insisted argued recalled quoted noted notes
                officials_say data_show figures_show records_show satellite_images in_a_statement
            """,
            "comparison": """
                more_than less_than fewer_than higher lower larger smaller largest smallest biggest highest lowest longest oldest youngest
                first_time for_the_first record twice doubled tripled halved half_of a_third a_quarter three-quarters majority most_of increased decreased rose
                fell grew risen fallen grown up_by down_by since compared_with worst_since best_since wettest driest hottest coldest
            """,
            "public": """
                minist* parliament government president prime_minister police court* judge prosecutor* mayor council* governor* commission*
                agency committee* party deput* senat* congress lawmaker* army troops military soldiers union company compan* bank regulator
                authority authorities hospital* school* university firefighter* brigade inspect* election* voters budget law bill treaty talks
                negotiat* delegation* embassy ambassador officials chief director engineer* investigat* suspect* victim* workers residents
                households people protest* strike terminal port plant factory county state city town village* dam bridge road prices tax* tariff*
            """,
            "opinion": """
                wonderful terrible awful beautiful ugly disgrace* shame* shameful stupid* fool* ridiculous absurd brilliant outrageous heartless
                monstrous thrilled delighted proud pride perfect amazing fantastic love loved loves hate hated hates
                believe believes feel feels honestly frankly sadly unfortunately luckily hopefully surely clearly obviously of_course perhaps
                maybe i_think in_my_opinion deserve* better best worse worst good bad far_too too_late
                chaos furious so-called disappointing exciting tired lovely nice important great enormous historic
            """,
            "plan": """
                will won't shall should must ought would could =may might can hope hopes hoped wish wishes plan_to plans_to planned_to planning_to intend intends
                intention promise* pledge* vow* we_want i_want going_to is_to are_to expect* aim aims likely let_us let's tomorrow next_week next_month
                next_year in_the_coming in_the_future forecast*
            """,
            "first_person": "i me my mine myself i'm i've i'd i'll we =us our ours ourselves we're we've we'll we'd",
            "address": "you your yours yourself yourselves you're you'll you've dear_reader* dear_readers",
            "greeting": "hello hi welcome good_morning good_afternoon good_evening goodbye thank_you thanks dear congratulations",
            "page": """
                subscribe* newsletter click share_this share_on follow_us read_more read_also sign_up log_in cookies all_rights_reserved terms_and_conditions
                photo: video: advertis* special_offer offer_ends offers_end download press_office for_further_information contact_us leave_a_comment leave_a_reply
                your_email e-mail_address copyright related_articles the_app
            """,
            "appeal": """
                ask let take drive buy switch save call click follow read watch look listen imagine remember forget consider stop keep try
                think tell give come go do don't subscribe share sign join download enjoy discover visit expect note see contact
            """,
            "leaning": "he she it they this that these those his her its their him them then so",
            "past": """
                was were had did went came took gave made won lost fell rose grew met began became broke built bought brought caught
                chose drew drove fled flew found fought got heard held hit kept knew laid led left lent paid ran rang sank sat saw sent shook shot
                shut sold spent spoke spread stole stood struck swept taught threw thought tore understood wrote beat burnt burst cut has_been
                have_been has_put has_run has_built has_taken have_taken has_fallen has_risen has_gone has_become has_lost has_won
                has_grown has_left have_left
            """,
            "not_past": """
                need indeed speed red bed hundred breed feed seed exceed proceed succeed weed reed greed creed deed heed unprecedented sacred
                naked wicked tired embed shred
            """,
        },
        "uk": {
            "date": """
                січ* лютого лютий лютому березн* квітн* травня травні травень червня червні червень липня липні липень серпн* вересн* жовтн* листопад*
                груд* понеділ* вівтор* середа середу середи четвер четверга четвергом п'ятниц* субот* неділ* вчора учора позавчора сьогодні торік торішн* позаторік минулого
                минулої минулий минулу минулорічн* тиждень_тому місяць_тому рік_тому років_тому роки_тому опівдні опівночі вдосвіта зранку ввечері
                уночі вночі навесні влітку улітку восени взимку року роки році цьогоріч наступного_ранку півріччя удень
            """,
            "attribution": """
                сказа* заяви* повідом* розпові* за_словами за_даними за_оцінк* за_інформацією за_записами кажуть каже пояснює поясни* уточни*
                стверджу* тверд* підтверд* не_підтверд* спростува* заперечи* визна* зізнався зізналася пише писали пишуть наголос* зазначи* відзначи*
                свідчать свідчив нагадав нагадала попередив попередила застеріг запевня* оцінює оцінили назвали називає обурюється джерел*
                оприлюдн* йдеться_у
            """,
            "comparison": """
                більше менше більш_ніж менш_ніж понад щонайменше майже близько вищ* нижч* найбільш* найменш* найвищ* найнижч* найдовш* рекорд*
                вперше уперше вдвічі удвічі втричі удесятеро вдесятеро половин* треть трети третью третину третина третини чверт* зросл* зріс зменши* збільши* подорожч* подешев* скороти*
                порівняно_з більшість востаннє дешевше дорожче піднявся піднялася
            """,
            "public": """
                міністр* міністерств* парламент* уряд* президент* прем'єр* поліці* суд суду суді судом суддя судді прокур* мер мера мерія міськрад* губернатор*
                комісі* агентств* комітет* парті* депутат* верховн* армі* військ* солдат* профспілк* компані* банк* регулятор* влад* лікарн*
                школ* університет* рятувальник* інспек* вибор* бюджет* закон* договір угод* переговор* делегац* посол* посольств* речник*
                речниц* начальник* директор* слідств* слідч* підозрюван* загибл* поранен* постражд* мешкан* жител* люди людей осіб протест* мітинг* страйк*
                термінал* порт порту завод* місто міста міськ* сел* област* гребл* міст мостом доро* ціни тариф* подат* пожеж* вибух* терор* адвокат*
                споживач* підприємств* організатор* учасник* держав*
            """,
            "opinion": """
                чудов* жахлив* прекрасн* ганьб* ганебн* дурн* безглузд* гарн* молодці пишаюся пишаємося любл* ненавид* вірим* вірю мабуть напевно
                звісно звичайно на_жаль на_щастя щиро жадібн* дрібниц* краще гірше страшно соромно сором образ* найсучасн* унікальн*
                неймовірн* так_зван* відверто диво дивовижн* схоже здається серц* честь гідність
                найкращ* затишн* комфорт*
            """,
            "plan": """
                буде будуть будемо буду повинен повинна повинні повинно мусить мусять має_бути мають_бути треба слід необхідно варто потрібн* сподіва* плану* намір* намірен*
                обіцяє обіцяють обіцяємо обіцяв обіцяла обіцяли пообіця* хоче хочемо хочуть хотілос* мрі* може можуть могл* можлив* дочека* завтра наступного_року наступного_тижня очіку* прогноз*
                хай нехай якби хотів_би хотіла_би *тиме *тимуть *тимемо *тимете *тиметеся *тиметься *тимуться
            """,
            "first_person": "я мене мені мною мій моя моє мої мого моєї моїх ми нас нам нами наш наша наше наші нашого нашої наших нашому",
            "address": "ти тебе тобі твій твоя ви вас вам вами ваш ваша ваше ваші вашого вашої",
            "greeting": "добрий_день доброго_дня добрий_вечір доброго_ранку вітаємо вітаю привіт дякуємо дякую шановн* до_побачення",
            "page": """
                підписуйтес* підписатися підпишіться читайте дивіться стежте слідкуйте поділит* залишити_коментар* фото: відео: реклам* усі_права всі_права пресслужб* телефонуйте знижк* розсилк*
                месенджер* завантаж* передрук* cookie* може_вас_зацікавити за_посиланням
            """,
            "appeal": """
                телефонуйте читайте дивіться стежте забудьте бійтеся уявіть подивіться згадайте купуйте замовляйте приходьте пам'ятайте скажіть скажете порадите
                розкажіть підписуйтеся поділіться не_забувайте зробіть *айте *уйте *юйте *айтеся *уйтеся *ійтеся
            """,
            "not_appeal": "сайте",
            "leaning": """
                він вона воно вони його її їх їм їй йому ним нею це цей ця ці цього цієї цих ті той та тоді там тут туди звідти потім такий така
                таке такі у_них в_них на_це з_неї з_нього додому
            """,
            "past": """
                *ав *яв *ив *їв *ув *юв *ався *явся *ився *увся *ївся *ла *ло *ли *лася *лося *лися *лись
                міг зміг помер ліг встиг приніс вніс привіз втік зник виріс зріс загинув хотів зумів *ано *ено *єно *ито *уто *ято
            """,
            "not_past": """
                київ рукав устав держав справ прав застав підстав вистав лав глав заяв актив пасив мотив архів масив колектив позитив норматив перспектив об'єктив детектив
                локомотив кооператив директив слив грив школа сила скеля мила ціла бала шкала акула правила села тіла діла стіла стела скла джерела зала
                число село тіло діло джерело житло світло коло масло тепло мало скло крило кріпло весло сідло русло гасло
                коли доли школи сили столи хвилі генерали канали журнали термінали матеріали сигнали капітали фінали зали вузли орли козли була_б
                рано багато давно шалено місто жито чисто просто часто густо свято нато авто лото фото золото болото літо сито мито корито
                любов умов основ
            """,
        },
        "ru": {
            "date": """
                январ* феврал* марта марте март апрел* мая мае май июня июне июнь июля июле июль август* сентябр* октябр* ноябр* декабр* понедельник* вторник*
                среда среду среды четверг* пятниц* суббот* воскресень* вчера позавчера сегодня в_прошлом прошлой прошлого прошлом минувш* неделю_назад месяц_назад год_назад
                года_назад лет_назад в_полдень в_полночь утром вечером ночью весной летом осенью зимой году года год за_сутки сутки
                полугодие в_этом_году накануне
            """,
            "attribution": """
                сказа* заяви* сообщ* рассказ* по_словам по_данным по_оценк* по_информации по_версии говорит говорят говорил* пояснил* уточнил* утвержда*
                подтверд* не_подтверд* опроверг* отрица* признал* признался признался_в пишет писали подчеркн* подчеркива* отметил* свидетельств* напомнил*
                предупредил* уверя* заверил* оценивает оценил* оценили назвал* называ* возразил* источник* следует_из объявил* обнародова*
            """,
            "comparison": """
                больше меньше более менее свыше почти около выше ниже крупнейш* наибольш* наименьш* самый самая самое самые рекорд* впервые вдвое
                втрое вчетверо половин* треть трети третью третину третина третини четверть четверти вырос* возрос* снизил* сократил* увеличил* подорожал* подешевел* по_сравнению большинств* последний_раз
                последняя последнее дешевле дороже не_менее по_меньшей_мере обошл*
            """,
            "public": """
                министр* министерств* парламент* правительств* президент* премьер* полици* суд суда суде судом судья судьи прокур* мэр мэра мэрия губернатор*
                комисси* агентств* комитет* парти* депутат* верховн* арми* войск* солдат* профсоюз* компани* банк* регулятор* власт* больниц* школ*
                университет* спасател* инспекц* выбор* бюджет* закон* договор* соглашени* переговор* делегац* посол* посольств* пресс-секретар* пресс-служб*
                начальник* директор* следств* следовател* подозрев* погиб* ранен* пострада* жител* горожан* люди людей человек протест* митинг* забастовк* терминал* порт
                порта порту завод* город* сел* област* плотин* мост дорог* цен* тариф* налог* пожар* взрыв* диверси* адвокат* потребител* предприяти*
                организатор* докер* федераци* чиновник* режим очевидц* эксперт* аналитик* государств* документ* издани*
            """,
            "opinion": """
                прекрасн* ужасн* чудовищн* позор* глуп* нелеп* красив* молодцы горжусь гордимся люблю любим ненавижу верю верим наверное
                конечно разумеется к_сожалению к_счастью искренне праздник* жадн* лучше хуже стыдно страшно печальн* грустно уникальн*
                невероятн* так_называем* признаться честно_говоря кажется казалось рад рады счастлив* всё_равно все_равно
                лучший лучшая худший удобн* комфорт* вопиющ*
            """,
            "plan": """
                будет будут будем буду должен должна должно должны надо нужно необходимо следует стоит надеюсь надеемся надеется надеются надеялс* планиру* намерен* обещает обещают обещаем обещал обещала обещали пообеща* хочет хотим хотят хочу
                хотелось хочется может могут мог_бы могла_бы можно возможн* завтра на_следующей_неделе в_следующем_году ожида* прогноз* пусть пускай бы собира* покажет
                стремим* грози*
            """,
            "first_person": "я меня мне мной мой моя мое мои моего моей моих мы нас нам нами наш наша наше наши нашего нашей наших нашем",
            "address": "ты тебя тебе твой твоя вы вас вам вами ваш ваша ваше ваши вашего вашей",
            "greeting": "здравствуйте добрый_день добрый_вечер доброе_утро приветству* привет спасибо благодарим уважаем* до_свидания",
            "page": """
                подписывайтес* подписаться подпишитесь подписка читайте смотрите подробност* поделит* оставить_комментар* фото: видео: фоторепортаж реклам* все_права скидк* рассылк* скачайте приложени* при_перепечатке
                противопоказани* проконсультируйтесь предложение_действует в_соцсетях на_нашем_сайте cookie* звоните по_ссылке
            """,
            "appeal": """
                расскажите скажите представьте вспомните посмотрите подумайте звоните скачайте получите покупайте заказывайте приходите помните забудьте
                читайте смотрите следите подпишитесь подписывайтесь поделитесь спросите *айте *яйте *уйте *айтесь *уйтесь *ходите *делайте
            """,
            "not_appeal": "сайте",
            "leaning": """
                он она оно они его ее их им ей ему ним ней ними это этот эта эти этого этой этих тот та те тогда там тут туда оттуда потом такой такая
                такое такие в_нем в_ней в_них из_них из_него из_нее с_ним об_этом после_этого
            """,
            "past": """
                *ал *ял *ел *ил *ыл *ул *ол *ла *ло *ли *ался *ялся *елся *ился *ылся *улся *лась *лось *лись
                мог смог умер лег вырос внес принес привез исчез погиб достиг опроверг *ован *овано *ованы *ована *ено *ены *ана *ано *аны *ена *ыты *ыта
                *ыто *ожен *ечен *ещен дан принят занят
            """,
            "not_past": """
                дела тела стола села сила школа скала пила шкала зола смола стрела акула цела игла скула пчела зала бала вила жила_б
                число село тело дело масло стекло крыло весло зло мало начало зерно русло сало мыло кресло тепло светло
                если или ли возможен должен сложен земли доли роли цели соли корабли рубли недели модели мысли столи боли воли пули были_бы едва_ли вдали
                стол пол зал бал футбол гол угол материал журнал капитал персонал сигнал канал генерал металл финал терминал вокзал отдел раздел предел удел котел тыл
                орел козел узел около причал перевал перевала *атели *ители потенциал филиал сериал идеал интервал минерал адмирал протокол посол престол тоннель дизель стул аул мул караул разгул
                цена жена стена смена сцена страна сосна луна тишина причина машина женщина мужчина времена имена племена знамена измена замена арена
                страны раны стены цены жены сцены смены планы океаны рестораны экраны тарелки ураганы романы органы краны члены обмены
                рано странно океана ресторана экрана плана романа урагана органа крана члена обмена банана дивана тумана кармана
            """,
        },
    }
)
"""By language and kind of sign."""
