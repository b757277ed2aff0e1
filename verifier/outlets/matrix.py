"""Reading the State Media Matrix: who publishes an outlet, in which country, and how the State Media Monitor rates it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from verifier.domain import FactSource, Outlet, Rating
from verifier.errors import CodebookError
from verifier.outlets.names import host_of, name_key, slug
from verifier.outlets.registry import OutletRegistry

MATRIX_RATER = "State Media Monitor"
"""Whose typology the State Media Matrix repeats."""

MATRIX_CODES = {
    "SC": "state-controlled",
    "CaPu": "captured public or state-managed",
    "CaPr": "captured private",
    "ISFM": "independent, state-funded and state-managed",
    "ISF": "independent, state-funded",
    "ISM": "independent, state-managed",
    "IP": "independent public",
}
"""The rater's codes and what they stand for. Source: https://statemediamonitor.com/typology/ ."""

_MATRIX_COLUMNS = ("Country", "Media company", "Main assets", "URL", "Typology", "Status", "Notes")
_TYPOLOGY_URL = "https://statemediamonitor.com/typology/"
_MATRIX_URL = "https://github.com/ASD-at-GMF/state-media-profiles"

# ISO 3166-1 alpha-2 codes with the names that the matrix uses, in its own spelling ("Europen Union").
_COUNTRIES = """
    AF Afghanistan; AL Albania; DZ Algeria; AO Angola; AR Argentina; AM Armenia; AU Australia; AT Austria; AZ Azerbaijan;
    BH Bahrain; BD Bangladesh; BY Belarus; BE Belgium; BJ Benin; BT Bhutan; BO Bolivia; BA Bosnia and Herzegovina; BW Botswana;
    BR Brazil; BN Brunei; BG Bulgaria; BF Burkina Faso; BI Burundi; KH Cambodia; CM Cameroon; CA Canada;
    CF Central African Republic; TD Chad; CL Chile; CN China; CO Colombia; CG Congo; CR Costa Rica; HR Croatia; CU Cuba;
    CY Cyprus; CZ Czechia; CI Côte d'Ivoire; CD DR Congo; DK Denmark; DJ Djibouti; DO Dominican Republic; EC Ecuador; EG Egypt;
    SV El Salvador; ER Eritrea; EE Estonia; ET Ethiopia; EU Europen Union; EU European Union; FI Finland; FR France; GA Gabon;
    GE Georgia; DE Germany; GH Ghana; GR Greece; GT Guatemala; HT Haiti; HN Honduras; HK Hong Kong; HU Hungary; IS Iceland;
    IN India; ID Indonesia; IR Iran; IQ Iraq; IE Ireland; IL Israel; IT Italy; JM Jamaica; JP Japan; JO Jordan; KZ Kazakhstan;
    KE Kenya; KW Kuwait; LA Laos; LV Latvia; LB Lebanon; LS Lesotho; LR Liberia; LY Libya; LI Liechtenstein; LT Lithuania;
    MO Macao; MG Madagascar; MW Malawi; MY Malaysia; MT Malta; MR Mauritania; MX Mexico; MD Moldova; MN Mongolia;
    ME Montenegro; MA Morocco; MZ Mozambique; MM Myanmar; NA Namibia; NP Nepal; NL Netherlands; NZ New Zealand; NI Nicaragua;
    NE Niger; NG Nigeria; KP North Korea; MK North Macedonia; NO Norway; OM Oman; PK Pakistan; PS Palestine territories;
    PA Panama; PY Paraguay; PE Peru; PH Philippines; PL Poland; PT Portugal; QA Qatar; RO Romania; RU Russia; RW Rwanda;
    SA Saudi Arabia; SN Senegal; RS Serbia; SG Singapore; SK Slovakia; SI Slovenia; SO Somalia; ZA South Africa;
    KR South Korea; SS South Sudan; ES Spain; LK Sri Lanka; SD Sudan; SE Sweden; CH Switzerland; SY Syria; TW Taiwan;
    TJ Tajikistan; TZ Tanzania; TH Thailand; GM The Gambia; TG Togo; TN Tunisia; TR Turkey; TM Turkmenistan; AE UAE; UG Uganda;
    UA Ukraine; GB United Kingdom; US United States of America; UY Uruguay; UZ Uzbekistan; VA Vatican City; VE Venezuela;
    VN Vietnam; YE Yemen; ZM Zambia; ZW Zimbabwe;
"""
_COUNTRY_CODES = {name: code for code, name in re.findall(r"([A-Z]{2}) ([^;]+);", _COUNTRIES)}

# What the matrix writes before a name says what kind of outlet it is.
_KIND_PREFIX = re.compile(r"(News agency|Print media|Print|Television|Radio|Online)\s*:\s*", re.IGNORECASE)
_KIND_OF_PREFIX = {
    "news agency": "agency",
    "print media": "newspaper",
    "print": "newspaper",
    "television": "broadcaster",
    "radio": "broadcaster",
    "online": "online",
}
_WITH_PARENTHESES = re.compile(r"(.+?)\s*\(([^()]+)\)")
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9&-]{1,9}")


def read_asd_matrix(path: Path, *, read_on: date | None = None) -> tuple[Outlet, ...]:
    """Read the State Media Monitor's typology as the State Media Matrix of ASD at GMF publishes it (CSV, MIT licence).

    Being listed does not mean state-controlled: the BBC and Deutsche Welle are listed. The code is repeated as a rating,
    with the row's status and notes in its meaning, and only ``SC`` sets ``state_controlled``, by that rater. The media company
    is the owner, unless it is the outlet itself. Each of these facts names the row it was read in.

    Args:
        path: the CSV file, with the columns Country, Media company, Main assets, URL, Typology, Status and Notes.
        read_on: the day the sources of the facts are dated with; by default today (UTC).

    Returns:
        Outlets in the order of the file. Rows of one country with the same name are one outlet with all their domains. Rows
        without any name are skipped; a country the table does not know stays empty and is kept in the meaning.

    Raises:
        CodebookError: the file cannot be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [column for column in _MATRIX_COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                msg = (
                    f"{path} is not the State Media Matrix: expected the columns {', '.join(_MATRIX_COLUMNS)}; found none "
                    f"named {', '.join(missing)}."
                )
                raise CodebookError(msg)
            rows = [
                {column: " ".join((row[column] or "").split()) for column in _MATRIX_COLUMNS}
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"The State Media Matrix {path} cannot be read: {error}. Expected a CSV file in UTF-8."
        raise CodebookError(msg) from error
    day = (read_on or datetime.now(UTC).date()).isoformat()
    merged: dict[str, Outlet] = {}
    for row in rows:
        if not (name_key(row["Main assets"]) or name_key(row["Media company"])):
            continue
        outlet = _outlet_of_row(row, day)
        merged[outlet.outlet_id] = _merge(merged.get(outlet.outlet_id, outlet), outlet)
    return OutletRegistry(()).with_outlets(merged.values()).outlets


def _outlet_of_row(row: Mapping[str, str], read_on: str) -> Outlet:
    name = row["Main assets"] if name_key(row["Main assets"]) else row["Media company"]
    kind = ""
    prefix = _KIND_PREFIX.match(name)
    if prefix and name_key(name[prefix.end() :]):
        kind, name = _KIND_OF_PREFIX[prefix[1].lower()], name[prefix.end() :]
    name = name.rstrip("* ")
    if name.count("(") != name.count(")"):  # "CBN Weekly)": a list of names was cut into rows
        name = name.rstrip(")") if name.count(")") > name.count("(") else f"{name})"
    aliases: tuple[str, ...] = ()
    parts = _WITH_PARENTHESES.fullmatch(name)
    if parts and (_ABBREVIATION.fullmatch(parts[2]) or not parts[2].isascii()) and name_key(parts[1]):
        name, aliases = parts[1], (parts[2],)
    country = _COUNTRY_CODES.get(row["Country"], "")
    code = row["Typology"]
    notes = [MATRIX_CODES.get(code, "a code the rater does not explain")] if code else []
    notes += [f"{column.lower()}: {row[column]}" for column in ("Status", "Notes") if row[column]]
    if row["Country"] and not country:
        notes.append(f"country: {row['Country']}")
    rating = Rating(rater=MATRIX_RATER, code=code, meaning="; ".join(notes), url=_TYPOLOGY_URL)
    host = host_of(row["URL"])
    owner = _owner(row["Media company"], (name, *aliases))
    facts = {"owner": owner, "country": country, "state_controlled": code == "SC"}
    source = FactSource(
        facts=tuple(fact for fact, said in facts.items() if said),
        source=f"State Media Matrix, row {row['Country']} / {row['Main assets'] or row['Media company']}",
        url=_MATRIX_URL,
        read_on=read_on,
    )
    return Outlet(
        outlet_id="-".join(part for part in (country.lower(), slug(name)) if part),
        name=name,
        aliases=aliases,
        domains=(host,) if host else (),
        owner=owner,
        country=country,
        kind=kind,
        state_controlled=True if code == "SC" else None,
        state_controlled_by=MATRIX_RATER if code == "SC" else "",
        ratings=(rating,) if code else (),
        sources=(source,) if source.facts else (),
    )


def _owner(company: str, names: Sequence[str]) -> str:
    """Return the media company, or nothing where that is but another name of the outlet ("Example Agency (EA)" of "EA")."""
    company = company.rstrip("* ")
    parts = _WITH_PARENTHESES.fullmatch(company)
    spellings = {name_key(spelling) for spelling in (company, *(parts.groups() if parts else ()))}
    return "" if spellings & {name_key(name) for name in names} else company


def _merge(first: Outlet, second: Outlet) -> Outlet:
    """Join two rows of one outlet; where their codes disagree, nothing is said about control."""
    agree = first.state_controlled == second.state_controlled
    codes = {rating.code for rating in first.ratings}
    merged = replace(
        first,
        aliases=tuple(dict.fromkeys((*first.aliases, *second.aliases))),
        domains=tuple(dict.fromkeys((*first.domains, *second.domains))),
        owner=first.owner or second.owner,
        kind=first.kind or second.kind,
        state_controlled=first.state_controlled if agree else None,
        state_controlled_by=first.state_controlled_by if agree else "",
        ratings=(*first.ratings, *(rating for rating in second.ratings if rating.code not in codes)),
    )
    sources = dict.fromkeys((*_sources_for(merged, first), *_sources_for(merged, second)))
    return replace(merged, sources=tuple(sources))


def _sources_for(merged: Outlet, row: Outlet) -> Iterator[FactSource]:
    """Yield the sources of a row, each reduced to the facts on which the merged outlet still says the same."""
    for source in row.sources:
        facts = tuple(fact for fact in source.facts if getattr(row, fact) == getattr(merged, fact))
        if facts:
            yield replace(source, facts=facts)
