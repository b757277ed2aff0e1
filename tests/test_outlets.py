"""The outlet registry: names that mean one outlet, names that mean none, and what raters said. All outlets are invented."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.domain import FactSource, Outlet, Rating
from verifier.errors import CodebookError
from verifier.outlets import (
    MATRIX_RATER,
    SOURCED_FACTS,
    OutletRegistry,
    name_key,
    read_asd_matrix,
    write_outlets,
)

VISNYK = Outlet(
    outlet_id="stepovyi-visnyk",
    name="Stepovyi Visnyk",
    aliases=("Степовий вісник", "Степной вестник", "SV"),
    domains=("visnyk.example", "sv.example"),
    owner="Steppe Press",
    country="UA",
    languages=("uk", "ru"),
    kind="newspaper",
    sources=(
        FactSource(facts=("owner", "country"), source="Register of Papers", url="https://register.example/7"),
        FactSource(facts=("languages",), source="Imprint of Stepovyi Visnyk", read_on="2026-02-28"),
    ),
)
ARCHIVE = Outlet(
    outlet_id="visnyk-archive", name="Visnyk Archive", domains=("archive.visnyk.example",), country="UA"
)
LAKE_MR = Outlet(
    outlet_id="lake-tv", name="Lake TV", domains=("lake.example",), country="MR", kind="broadcaster"
)
LAKE_SK = Outlet(outlet_id="lake-tv-sk", name="Lake-TV", domains=("laketv.example",), country="SK")
REGISTRY = OutletRegistry([VISNYK, ARCHIVE, LAKE_MR, LAKE_SK])


class TestFind:
    @pytest.mark.parametrize(
        "name",
        [
            "stepovyi-visnyk",
            "Stepovyi Visnyk",
            "  STEPOVYI   VISNYK ",
            "«Степовий вісник»",
            "the Stepovyj Visnyk",
            "Степной вестник",
            "sv",
            "visnyk.example",
            "WWW.Visnyk.example",
            "https://www.visnyk.example/eng/news?id=1#top",
            "http://eng.visnyk.example:8080",
            "//sv.example/x",
            "desk@visnyk.example",
        ],
    )
    def test_every_way_to_name_an_outlet_finds_it(self, name):
        assert REGISTRY.find(name) == VISNYK

    @pytest.mark.parametrize(
        "name",
        ["", " ", "?!", "Visnyk", "example", "notvisnyk.example", "visnyk.example.org", "unnamed officials"],
    )
    def test_what_nobody_answers_to_finds_nothing(self, name):
        assert REGISTRY.find(name) is None

    def test_a_name_that_two_outlets_have_finds_neither_but_their_domains_do(self):
        assert REGISTRY.find("Lake TV") is None
        assert REGISTRY.find("lake-tv") == LAKE_MR
        assert REGISTRY.find("lake.example") == LAKE_MR
        assert REGISTRY.find("laketv.example") == LAKE_SK

    def test_a_domain_that_two_outlets_share_finds_neither(self):
        radio = Outlet(outlet_id="lake-radio", name="Lake Radio", domains=("lake.example",))
        assert OutletRegistry([LAKE_MR, radio]).find("https://lake.example/x") is None

    def test_the_nearest_parent_domain_decides(self):
        assert REGISTRY.find("https://old.archive.visnyk.example/1") == ARCHIVE

    @settings(deadline=None)  # a busy machine is no failure
    @given(st.text(max_size=40))
    def test_any_text_can_be_asked_for(self, text):
        found = REGISTRY.find(text)
        assert found is None or text in REGISTRY.names_of(text)


class TestNameKey:
    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("Українська хвиля", "Ukrainska Khvylia"),
            ("Озёрная газета", "Ozernaya Gazeta"),
            ("Известник", "Izvestnik"),
            ("Вісті-1", "Visti 1"),
            ("Le Télégramme d'Orlen", "le telegramme d’orlen"),
            ("The Orlen Post", "ORLEN POST"),
            ("Марова сьогодні", "Marova sohodni"),
        ],
    )
    def test_spellings_of_one_name_agree(self, a, b):
        assert name_key(a) == name_key(b)

    @pytest.mark.parametrize(("a", "b"), [("Lake TV 1", "Lake TV 11"), ("Lake TV", "Lake FM"), ("The", "")])
    def test_different_names_differ(self, a, b):
        assert name_key(a) != name_key(b)


class TestSameOutlet:
    @pytest.mark.parametrize(
        ("a", "b", "same"),
        [
            ("Степовий вісник", "https://visnyk.example/a", True),
            ("Stepovyi Visnyk", "Visnyk Archive", False),
            ("Stepovyi Visnyk", "Orlen Post", False),
            ("Orlen Post", "the ORLEN POST", True),
            ("https://orlen.example/a", "www.orlen.example", True),
            ("Orlen Post", "Orlen Mail", False),
            ("lake-tv", "lake-tv-sk", False),
            ("", "", False),
            ("?", "!", False),
        ],
    )
    def test_names_are_compared_through_the_registry_or_by_themselves(self, a, b, same):
        assert REGISTRY.same_outlet(a, b) is same
        assert REGISTRY.same_outlet(b, a) is same

    def test_names_of_an_outlet_are_all_it_may_be_stored_under(self):
        expected = {
            "stepovyi-visnyk",
            "Stepovyi Visnyk",
            "Степовий вісник",
            "Степной вестник",
            "SV",
            "visnyk.example",
            "sv.example",
        }
        assert REGISTRY.names_of("Степовий вісник") == expected
        assert REGISTRY.names_of("степовий ВІСНИК") == expected | {"степовий ВІСНИК"}
        assert REGISTRY.names_of("Orlen Post") == {"Orlen Post"}


class TestExtending:
    def test_new_outlets_are_found_and_the_old_registry_is_unchanged(self):
        post = Outlet(outlet_id="orlen-post", name="Orlen Post")
        extended = REGISTRY.with_outlets([post])
        assert extended.find("Orlen Post") == post
        assert REGISTRY.find("Orlen Post") is None

    @pytest.mark.parametrize(
        "newcomer",
        [
            Outlet(outlet_id="stepovyi-visnyk", name="Another"),
            Outlet(outlet_id="x", name="Степовий Вісник", country="UA"),
            Outlet(outlet_id="x", name="Stepovyi Visnyk"),
            Outlet(outlet_id="x", name="Another", domains=("sv.example",)),
            Outlet(outlet_id="x", name="S.V.", country="PL"),
        ],
    )
    def test_an_outlet_that_is_here_already_stays_as_it_is(self, newcomer):
        assert REGISTRY.with_outlets([newcomer]).outlets == REGISTRY.outlets

    def test_a_name_from_another_country_becomes_ambiguous(self):
        other = Outlet(outlet_id="pl-archive", name="Visnyk Archive", country="PL")
        extended = REGISTRY.with_outlets([other])
        assert other in extended.outlets
        assert extended.find("Visnyk Archive") is None

    def test_an_alias_that_is_taken_is_left_out(self):
        first = Outlet(outlet_id="a", name="Orlen Post", aliases=("SV", "OP", "Orlen Mail"))
        second = Outlet(outlet_id="b", name="Orlen Mail", aliases=("OP",))
        extended = REGISTRY.with_outlets([first, second])
        assert extended.find("SV") == VISNYK
        assert [outlet.aliases for outlet in extended.outlets[-2:]] == [("OP",), ()]
        assert extended.find("Orlen Mail") == extended.find("b")

    @settings(deadline=None)  # a busy machine is no failure
    @given(
        st.lists(
            st.builds(
                Outlet,
                outlet_id=st.sampled_from("abcd"),
                name=st.sampled_from(["Lake TV", "SV", "Post", "Mail"]),
                aliases=st.lists(
                    st.sampled_from(["SV", "Post", "OP", "Mail", "stepovyi-visnyk"]), unique=True
                ).map(tuple),
                domains=st.lists(st.sampled_from(["sv.example", "p.example", "q.example"]), unique=True).map(
                    tuple
                ),
                country=st.sampled_from(["", "UA", "PL"]),
            )
        )
    )
    def test_whatever_comes_what_was_found_is_still_found_or_ambiguous(self, more):
        extended = REGISTRY.with_outlets(more)
        assert extended.outlets[: len(REGISTRY.outlets)] == REGISTRY.outlets
        for name in ("SV", "stepovyi-visnyk", "sv.example", "lake.example"):
            assert extended.find(name) == REGISTRY.find(name)
        assert extended.find("Visnyk Archive") in (ARCHIVE, None)


def sourced(outlet: Outlet, source: str, read_on: str = "") -> Outlet:
    """Return the outlet with one source for each thing it says."""
    said = [fact for fact in SOURCED_FACTS if getattr(outlet, fact) not in ("", (), None)]
    return replace(
        outlet, sources=tuple(FactSource(facts=(f,), source=source, read_on=read_on) for f in said)
    )


FILE = """\
outlets:
  - id: orlen-post
    name: Orlen Post
    aliases: [Орленська пошта]
    domains: [orlen.example]
    owner: Orlen Press
    country: NO
    languages: [no, uk]
    kind: newspaper
    state_controlled: false
    state_controlled_by: Council of Selk
    ratings:
      - {rater: Council of Selk, code: B+, meaning: good}
    sources:
      - {facts: [owner, country, languages], source: Press Yearbook, url: "https://yearbook.example/", read_on: 2026-03-01}
      - {facts: [state_controlled], source: "Council of Selk, list B"}
  - id: orlen-mail
    name: Orlen Mail
"""


class TestFiles:
    def test_reads_what_is_written(self, tmp_path):
        (tmp_path / "o.yaml").write_text(FILE, encoding="utf-8")
        post, mail = OutletRegistry.load(tmp_path / "o.yaml").outlets
        assert (post.country, post.state_controlled, post.state_controlled_by) == (
            "NO",
            False,
            "Council of Selk",
        )
        assert (post.owner, post.languages) == ("Orlen Press", ("no", "uk"))
        assert post.ratings == (Rating(rater="Council of Selk", code="B+", meaning="good"),)
        assert post.sources == (
            FactSource(
                facts=("owner", "country", "languages"),
                source="Press Yearbook",
                url="https://yearbook.example/",
                read_on="2026-03-01",
            ),
            FactSource(facts=("state_controlled",), source="Council of Selk, list B"),
        )
        assert (mail.state_controlled, mail.state_controlled_by) == (None, "")

    @pytest.mark.parametrize(
        ("old", "new", "line", "says"),
        [
            (
                "name: Orlen Mail",
                "name: Orlen Mail\n    aliases: [ORLEN POST]",
                17,
                "is also a name of 'orlen-post'",
            ),
            (
                "name: Orlen Mail",
                "name: Orlen Mail\n    aliases: [Orlenska poshta]",
                17,
                "is also a name of 'orlen-post'",
            ),
            ("id: orlen-mail", "id: orlen-post", 17, "is used twice"),
            ("country: NO", "country: Norway", 7, "two capital letters"),
            ("[orlen.example]", "[https://orlen.example/]", 5, "bare domains"),
            ("[orlen.example]", "[www.orlen.example]", 5, "bare domains"),
            ("kind: newspaper", "kind: newspapers", 9, "did you mean 'newspaper'"),
            ("    state_controlled_by: Council of Selk\n", "", 10, "together"),
            ("    state_controlled: false\n", "", 10, "together"),
            ("meaning: good", "meening: good", 13, "did you mean 'meaning'"),
            ("aliases: [Орленська пошта]", 'aliases: ["?!"]', 4, "a name with letters or digits"),
            ("id: orlen-mail", "id: Orlen Mail", 17, "small letters"),
            ("languages: [no, uk]", "languages: [Norwegian]", 8, "language tags"),
            ("[owner, country, languages]", "[country, languages]", 6, "with 'owner' among its facts"),
            ("[owner, country, languages]", "[owner, languages]", 7, "with 'country' among its facts"),
            ("[owner, country, languages]", "[owner, country]", 8, "with 'languages' among its facts"),
            ("facts: [state_controlled]", "facts: [owner]", 10, "with 'state_controlled' among its facts"),
            ("    owner: Orlen Press\n", "", 14, "'owner' to be said"),
            ("facts: [state_controlled]", "facts: [state_controlled, kind]", 16, "found 'kind'"),
            ("facts: [state_controlled]", "facts: []", 16, "found none"),
            ("source: Press Yearbook, ", "", 15, "source: expected a text"),
            ("read_on: 2026-03-01", "read_on: 2026-02-30", 15, "YYYY-MM-DD"),
            ("read_on: 2026-03-01", "read_on: 20260301", 15, "YYYY-MM-DD"),
        ],
    )
    def test_a_mistake_is_named_with_its_line(self, tmp_path, old, new, line, says):
        assert old in FILE
        (tmp_path / "o.yaml").write_text(FILE.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(CodebookError) as caught:
            OutletRegistry.load(tmp_path / "o.yaml")
        assert f"o.yaml, line {line}" in str(caught.value)
        assert says in str(caught.value)

    def test_extra_outlets_join_the_shipped_ones(self, tmp_path):
        (tmp_path / "o.yaml").write_text(FILE, encoding="utf-8")
        registry = OutletRegistry.load(extra=tmp_path / "o.yaml")
        assert registry.find("orlen.example").outlet_id == "orlen-post"
        assert registry.find("Reuters") is not None

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            (Outlet(outlet_id="x", name="X", country="Norway"), "two capital letters"),
            (Outlet(outlet_id="x", name="X", country="NO"), "a source that was read"),
            (Outlet(outlet_id="x", name="X", owner="Y"), "a source that was read"),
            (replace(VISNYK, outlet_id="x", name="X", aliases=(), languages=()), "'languages' to be said"),
            (Outlet(outlet_id="x", name="X", domains=("https://x.example/",)), "bare domains"),
            (Outlet(outlet_id="x", name="X", state_controlled=True), "together"),
            (Outlet(outlet_id="x", name="X", aliases=("SV",)), "is also a name of"),
        ],
    )
    def test_what_could_not_be_read_again_is_not_written(self, tmp_path, bad, says):
        path = tmp_path / "o.yaml"
        write_outlets([VISNYK], path)
        with pytest.raises(CodebookError, match=says) as caught:
            write_outlets([VISNYK, bad], path)
        assert f"not written to {path}" in str(caught.value)
        assert OutletRegistry.load(path).outlets == (VISNYK,)
        assert [file.name for file in tmp_path.iterdir()] == ["o.yaml"]

    def test_a_folder_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(CodebookError, match="nowhere"):
            write_outlets([], tmp_path / "nowhere" / "o.yaml")

    words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=8)
    names = st.lists(words, min_size=1, max_size=3).map(" ".join).filter(name_key)

    @settings(deadline=None)  # a busy machine is no failure
    @given(data=st.data())
    def test_what_is_written_is_read_again_unchanged(self, data, tmp_path_factory):
        names = data.draw(st.lists(self.names, unique_by=name_key, max_size=4))
        outlets = tuple(
            sourced(
                Outlet(
                    outlet_id=f"o{number}",
                    name=name,
                    owner=data.draw(st.just("") | self.names),
                    country=data.draw(st.sampled_from(["", "NO", "UA"])),
                    languages=data.draw(st.sampled_from([(), ("no",), ("uk", "zh-Hant")])),
                    kind=data.draw(st.sampled_from(["", "agency"])),
                    state_controlled=(controlled := data.draw(st.sampled_from([None, True, False]))),
                    state_controlled_by="" if controlled is None else data.draw(self.names),
                    ratings=(Rating(rater=name, code="1.0", meaning=data.draw(self.names)),),
                ),
                data.draw(self.names),
                data.draw(st.just("") | st.dates().map(date.isoformat)),
            )
            for number, name in enumerate(names)
        )
        path = tmp_path_factory.mktemp("outlets") / "o.yaml"
        write_outlets(outlets, path)
        assert OutletRegistry.load(path).outlets == outlets
        assert [file.name for file in path.parent.iterdir()] == ["o.yaml"]


COLUMNS = ["Region", "Country", "Media company", "Main assets", "URL", "Typology", "Status", "Notes"]


def matrix(tmp_path: Path, *rows: tuple[str, ...], columns: list[str] = COLUMNS) -> tuple[Outlet, ...]:
    with (tmp_path / "matrix.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)
    return read_asd_matrix(tmp_path / "matrix.csv", read_on=date(2026, 3, 1))


class TestStateMediaMatrix:
    def test_only_the_code_sc_means_state_controlled(self, tmp_path):
        codes = ["SC", "CaPu", "CaPr", "ISFM", "ISF", "ISM", "IP", "ISFM?", "SC?", "sc", ""]
        outlets = matrix(
            tmp_path, *(("", "Norway", "C", f"Asset {n}", "", code, "", "") for n, code in enumerate(codes))
        )
        assert [outlet.state_controlled for outlet in outlets] == [True, *[None] * 10]
        assert [outlet.state_controlled_by for outlet in outlets] == [MATRIX_RATER, *[""] * 10]
        assert [[rating.code for rating in outlet.ratings] for outlet in outlets] == [
            [code] if code else [] for code in codes
        ]

    def test_rows_of_one_outlet_are_merged_with_all_their_domains(self, tmp_path):
        (outlet,) = matrix(
            tmp_path,
            ("", "Ukraine", "C", "Lake  TV", "https://www.lake.example/en/", "SC", "", ""),
            ("", "Ukraine", "D", "LAKE TV", "lake2.example", "SC", "", ""),
        )
        assert (outlet.outlet_id, outlet.name, outlet.country) == ("ua-lake-tv", "Lake TV", "UA")
        assert outlet.domains == ("lake.example", "lake2.example")
        assert len(outlet.ratings) == 1

    def test_rows_that_disagree_say_nothing_of_control(self, tmp_path):
        (outlet,) = matrix(
            tmp_path,
            ("", "Ukraine", "C", "Lake TV", "", "SC", "", ""),
            ("", "Ukraine", "C", "Lake TV", "", "CaPu", "", ""),
            ("", "Ukraine", "C", "Lake TV", "", "SC", "", ""),
        )
        assert outlet.state_controlled is None
        assert [rating.code for rating in outlet.ratings] == ["SC", "CaPu"]
        assert {fact for source in outlet.sources for fact in source.facts} == {"owner", "country"}

    @pytest.mark.parametrize(
        ("company", "asset", "owner"),
        [
            ("Lake Group", "Lake TV", "Lake Group"),
            ("Lake Group (LG)**", "Lake TV", "Lake Group (LG)"),
            ("LAKE TV", "Lake TV", ""),
            ("Lake Television (LTV)", "LTV", ""),
            ("LTV", "Lake Television (LTV)", ""),
            ("", "Lake TV", ""),
            ("Lake Group", "", ""),
        ],
    )
    def test_the_media_company_is_the_owner_unless_it_is_the_outlet_itself(
        self, tmp_path, company, asset, owner
    ):
        (outlet,) = matrix(tmp_path, ("", "Norway", company, asset, "", "IP", "", ""))
        assert outlet.owner == owner

    def test_each_fact_names_the_row_it_was_read_in_and_the_day(self, tmp_path):
        first, second = matrix(
            tmp_path,
            ("", "Norway", "Lake Group", "Lake TV", "", "SC", "", ""),
            ("", "Marovia", "Lake TV", "LAKE TV", "", "SC", "", ""),
        )
        (source,) = first.sources
        assert source.facts == ("owner", "country", "state_controlled")
        assert source.source == "State Media Matrix, row Norway / Lake TV"
        assert source.url.startswith("https://")
        assert source.read_on == "2026-03-01"
        (source,) = second.sources
        assert (source.facts, source.source) == (
            ("state_controlled",),
            "State Media Matrix, row Marovia / LAKE TV",
        )

    def test_rows_that_name_two_owners_keep_the_first_with_its_source(self, tmp_path):
        (outlet,) = matrix(
            tmp_path,
            ("", "Norway", "Lake Group", "Lake TV", "", "SC", "", ""),
            ("", "Norway", "Hill Group", "Lake  TV", "", "SC", "", ""),
            ("", "Norway", "Hill Group", "LAKE TV", "", "SC", "", ""),
        )
        assert outlet.owner == "Lake Group"
        assert [(source.facts, source.source[-7:]) for source in outlet.sources] == [
            (("owner", "country", "state_controlled"), "Lake TV"),
            (("country", "state_controlled"), "Lake TV"),
            (("country", "state_controlled"), "LAKE TV"),
        ]

    def test_an_undated_reading_is_dated_today(self, tmp_path):
        matrix(tmp_path, ("", "Norway", "Lake Group", "Lake TV", "", "IP", "", ""))
        (outlet,) = read_asd_matrix(tmp_path / "matrix.csv")
        assert date.fromisoformat(outlet.sources[0].read_on) >= date(2026, 1, 1)

    @pytest.mark.parametrize(
        ("asset", "name", "aliases", "kind"),
        [
            ("News agency: Tarn", "Tarn", (), "agency"),
            ("Print media: Lake Daily*", "Lake Daily", (), "newspaper"),
            ("Lake Radio (LR)", "Lake Radio", ("LR",), ""),
            ("Lake-1 (Озеро-1)", "Lake-1", ("Озеро-1",), ""),
            ("Lake News (Northern edition)", "Lake News (Northern edition)", (), ""),
            ("Lake Weekly)", "Lake Weekly", (), ""),
            ("Lake Group (TV: Lake", "Lake Group (TV: Lake)", (), ""),
            ("", "Company", (), ""),
        ],
    )
    def test_names_are_cleaned_of_what_is_no_name(self, tmp_path, asset, name, aliases, kind):
        (outlet,) = matrix(tmp_path, ("", "Poland", "Company", asset, "", "IP", "", ""))
        assert (outlet.name, outlet.aliases, outlet.kind) == (name, aliases, kind)

    def test_status_notes_and_a_strange_country_are_kept(self, tmp_path):
        (outlet,) = matrix(
            tmp_path, ("", "Marovia", "C", "Lake", "not a url", "IP", "Closed", "Sold in spring")
        )
        assert (outlet.country, outlet.domains) == ("", ())
        (rating,) = outlet.ratings
        assert rating.meaning == "independent public; status: Closed; notes: Sold in spring; country: Marovia"

    def test_empty_rows_are_skipped_and_same_names_of_two_countries_kept_apart(self, tmp_path):
        outlets = matrix(
            tmp_path,
            ("",) * 8,
            ("", "Turkey", "C", "LTV", "ltv.example", "CaPr", "", ""),
            ("", "Russia", "C", "LTV", "ltv2.example", "SC", "", ""),
            ("", "Russia", "C", "Lake Television (LTV)", "", "SC", "", ""),
        )
        assert [outlet.outlet_id for outlet in outlets] == ["tr-ltv", "ru-ltv", "ru-lake-television"]
        registry = OutletRegistry(outlets)
        assert registry.find("LTV") is None
        assert registry.find("Lake Television").aliases == ()

    @pytest.mark.parametrize(
        ("country", "code"),
        [
            ("Russia", "RU"), ("UAE", "AE"), ("DR Congo", "CD"), ("Congo", "CG"), ("Côte d'Ivoire", "CI"), ("The Gambia", "GM"),
            ("Europen Union", "EU"), ("Namibia", "NA"), ("Norway", "NO"), ("Palestine territories", "PS"), ("Macao", "MO"),
            ("South Sudan", "SS"), ("Sudan", "SD"), ("North Macedonia", "MK"), ("Vatican City", "VA"), ("Niger", "NE"),
            ("Nigeria", "NG"), ("Zimbabwe", "ZW"), ("Afghanistan", "AF"), ("United States of America", "US"),
        ],
    )  # fmt: skip
    def test_countries_become_two_letters(self, tmp_path, country, code):
        (outlet,) = matrix(tmp_path, ("", country, "C", "Lake", "", "IP", "", ""))
        assert outlet.country == code

    def test_what_was_read_can_be_written_and_read(self, tmp_path):
        outlets = matrix(
            tmp_path,
            ("", "Norway", "C", "Lake Radio (LR)", "lr.example", "SC", "Closed", "a: b # c"),
            ("", "Japan", "C", "湖ニュース", "lake.example", "ISFM?", "", ""),
        )
        write_outlets(outlets, tmp_path / "o.yaml")
        assert OutletRegistry.load(tmp_path / "o.yaml").outlets == outlets

    def test_another_table_is_refused_by_its_columns(self, tmp_path):
        with pytest.raises(CodebookError, match="none named URL, Typology"):
            matrix(tmp_path, columns=["Country", "Media company", "Main assets", "Status", "Notes"])

    def test_a_file_that_is_no_text_is_refused(self, tmp_path):
        (tmp_path / "m.csv").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(CodebookError, match="cannot be read"):
            read_asd_matrix(tmp_path / "m.csv")
