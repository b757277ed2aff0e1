"""The outlet registry: which names, spellings and domains mean the same publisher, and what named raters say of it.

Names are compared by a key that forgets case, punctuation, accents and script, so that "Українська правда" and "Ukrainska
Pravda" are one. What several outlets answer to ("NTV") resolves to none of them: an unknown outlet is a lesser fault than a wrong
one. Control is never derived: an outlet is state-controlled only where a named rater says so in so many words.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from verifier.config import resource_dir
from verifier.domain import Outlet, Rating
from verifier.errors import CodebookError
from verifier.strict_yaml import Fields, read_fields

KINDS = ("agency", "newspaper", "broadcaster", "online", "aggregator", "official")
"""What an outlet chiefly is. An agency serves other outlets; an aggregator shows other outlets' texts; an official
channel speaks for a state body or a party to the events; magazines count as newspapers."""

_REGISTRY_KEYS = ("version", "description", "outlets")
_OUTLET_KEYS = (
    "id",
    "name",
    "aliases",
    "domains",
    "country",
    "kind",
    "state_controlled",
    "state_controlled_by",
    "ratings",
)
_RATING_KEYS = ("rater", "code", "meaning", "rated_on", "url")

_ID = re.compile(r"[\w-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+")
_ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*://|//)?(?:[^\s/@]+@)?({_DOMAIN.pattern})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)


class OutletRegistry:
    """Outlets that can be found by any of their names; immutable.

    Attributes:
        outlets: all outlets, in the order given.
    """

    def __init__(self, outlets: Iterable[Outlet], *, places: Mapping[str, str] | None = None) -> None:
        """Index the outlets.

        Args:
            outlets: with ids that differ, and aliases that no other outlet has as a name or alias.
            places: where each outlet is written, by id, for the messages.

        Raises:
            CodebookError: two outlets share an id, or one's alias is the other's name or alias.
        """
        self.outlets: tuple[Outlet, ...] = tuple(outlets)
        self._places = places or {}
        self._by_id: dict[str, Outlet] = {}
        for outlet in self.outlets:
            if outlet.outlet_id in self._by_id:
                msg = f"{self._place(outlet)}: the outlet id {outlet.outlet_id!r} is used twice; ids must differ."
                raise CodebookError(msg)
            self._by_id[outlet.outlet_id] = outlet
        self._by_name = self._index_names()
        self._by_domain: dict[
            str, Outlet | None
        ] = {}  # None: several outlets share it, so it tells none of them
        for outlet in self.outlets:
            for domain in outlet.domains:
                shared = domain in self._by_domain
                self._by_domain[domain] = None if shared else outlet

    @classmethod
    def load(cls, path: Path | None = None, extra: Path | None = None) -> OutletRegistry:
        """Read the registry.

        Args:
            path: a registry file; by default the shipped ``annotations/outlets.yaml``.
            extra: a file of the same form with more outlets, such as an imported matrix; see :meth:`with_outlets`.

        Raises:
            CodebookError: a file is malformed, or two outlets share an id or an alias.
        """
        registry = cls._read(path or resource_dir("annotations") / "outlets.yaml")
        return registry if extra is None else registry.with_outlets(cls._read(extra).outlets)

    @classmethod
    def _read(cls, path: Path) -> OutletRegistry:
        fields = read_fields(path, known=_REGISTRY_KEYS)
        fields.text("version", "")
        fields.text("description", "")
        entries = fields.entries("outlets", known=_OUTLET_KEYS)
        outlets = [_read_outlet(entry) for entry in entries]
        places = {
            outlet.outlet_id: f"{path}, line {entry.line}"
            for outlet, entry in zip(outlets, entries, strict=True)
        }
        return cls(outlets, places=places)

    def with_outlets(self, more: Iterable[Outlet]) -> OutletRegistry:
        """Return a registry that also holds these outlets; what is here already wins.

        An outlet is here already when its id, one of its domains, or (unless the countries differ) its name is, and left out
        when its name is an alias here. The others lose those aliases that are names or aliases of another outlet.
        """
        aliases_here = {name_key(alias) for outlet in self.outlets for alias in outlet.aliases}
        added: dict[str, Outlet] = {}
        for outlet in more:
            if outlet.outlet_id in self._by_id or outlet.outlet_id in added:
                continue
            if name_key(outlet.name) in aliases_here or any(
                domain in self._by_domain for domain in outlet.domains
            ):
                continue
            known = self.find(outlet.name)
            if known is not None and (
                known.country == outlet.country or "" in (known.country, outlet.country)
            ):
                continue
            added[outlet.outlet_id] = outlet
        owners: dict[str, str] = {}
        for outlet in (*self.outlets, *added.values()):
            owners.setdefault(name_key(outlet.name), outlet.outlet_id)
        for outlet in self.outlets:
            owners.update({name_key(alias): outlet.outlet_id for alias in outlet.aliases})
        newcomers = [
            replace(
                outlet,
                aliases=tuple(
                    alias
                    for alias in outlet.aliases
                    if owners.setdefault(name_key(alias), outlet.outlet_id) == outlet.outlet_id
                ),
            )
            for outlet in added.values()
        ]
        return OutletRegistry((*self.outlets, *newcomers), places=self._places)

    def find(self, name_or_domain_or_url: str) -> Outlet | None:
        """Return the outlet that answers to an id, name, alias, domain, URL or e-mail address.

        A subdomain belongs to the outlet of its nearest parent domain. What nobody or more than one outlet answers to gives
        None.
        """
        wanted = name_or_domain_or_url.strip()
        if wanted in self._by_id:
            return self._by_id[wanted]
        named = self._by_name.get(name_key(wanted))
        if named is not None:
            return named
        labels = host_of(wanted).split(".")
        for first in range(len(labels) - 1):
            domain = ".".join(labels[first:])
            if domain in self._by_domain:
                return self._by_domain[domain]
        return None

    def same_outlet(self, a: str, b: str) -> bool:
        """Tell whether two names, domains or URLs mean the same outlet; unknown ones do when they agree as names or hosts."""
        first, second = self.find(a), self.find(b)
        if first is not None or second is not None:
            return first is not None and second is not None and first.outlet_id == second.outlet_id
        host = host_of(a.strip())
        return (name_key(a) != "" and name_key(a) == name_key(b)) or (
            host != "" and host == host_of(b.strip())
        )

    def names_of(self, name: str) -> frozenset[str]:
        """Return every id, name, alias and domain under which the outlet may be stored, and the name asked for."""
        outlet = self.find(name)
        if outlet is None:
            return frozenset({name})
        return frozenset({name, outlet.outlet_id, outlet.name, *outlet.aliases, *outlet.domains})

    def _index_names(self) -> dict[str, Outlet | None]:
        """Map the key of each name to its outlet, or to None when several outlets have it as their own name."""
        index: dict[str, Outlet | None] = {}
        owner_of_alias: dict[str, Outlet] = {}
        for outlet in self.outlets:
            for key in {name_key(outlet.name), name_key(outlet.outlet_id)} - {""}:
                index[key] = None if key in index else outlet
        named: dict[str, Outlet] = {name_key(outlet.name): outlet for outlet in reversed(self.outlets)}
        for outlet in self.outlets:
            for alias in outlet.aliases:
                key = name_key(alias)
                other = owner_of_alias.get(key) or named.get(key)
                if other is not None and other is not outlet:
                    msg = (
                        f"{self._place(outlet)}: the alias {alias!r} of {outlet.outlet_id!r} is also a name of "
                        f"{other.outlet_id!r}, so it would name neither. Remove it from one of them, or from both."
                    )
                    raise CodebookError(msg)
                owner_of_alias[key] = outlet
                index[key] = outlet
        return index

    def _place(self, outlet: Outlet) -> str:
        return self._places.get(outlet.outlet_id, "The outlet registry")


_ROMAN = str.maketrans(
    "абвгґдезиіклмнопрстуфыэєћђјљњўүøłđı", "abvggdezyiklmnoprstufyeecdjlnuuoldi", "ъь'’ʼ`"
) | str.maketrans({"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"})
_ARTICLE = re.compile(r"^the\s+(?=\S)")
_DOUBLED = re.compile(r"([a-z])\1+")


def name_key(name: str) -> str:
    """Reduce a name to what is compared: case, accents, script, punctuation, spaces and a leading "the" are gone.

    Cyrillic is romanised; as romanisations differ in y/i/j and in doubling ("Izvestiya", "Izvestia"), these are made
    one. Ukrainian г is h in a text that shows itself Ukrainian by і, ї, є or ґ. Other spellings are for aliases.
    """
    text = unicodedata.normalize("NFC", name).casefold()
    if re.search("[іїєґ]", text):
        text = text.replace("г", "h")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _ARTICLE.sub("", text.strip().translate(_ROMAN))
    text = "".join(c for c in text if c.isalnum())
    return _DOUBLED.sub(r"\1", text.replace("y", "i").replace("j", "i"))


def host_of(text: str) -> str:
    """Return the host of a URL, e-mail address or bare domain without "www.", or "" when it is none of these."""
    match = _ADDRESS.fullmatch(text)
    return match[1].lower().removeprefix("www.") if match else ""


def _read_outlet(fields: Fields) -> Outlet:
    outlet_id = fields.text("id")
    if not _ID.fullmatch(outlet_id) or outlet_id != outlet_id.lower():
        fields.fail("an id in small letters, digits and hyphens", repr(outlet_id), "id")
    names = (fields.text("name"), *fields.texts("aliases"))
    for number, name in enumerate(names):
        if not name_key(name):
            fields.fail("a name with letters or digits", repr(name), "aliases" if number else "name")
    domains = fields.texts("domains")
    for domain in domains:
        if not _DOMAIN.fullmatch(domain) or domain != domain.lower() or domain.startswith("www."):
            fields.fail(
                "bare domains in small letters without 'www.', such as example.org", repr(domain), "domains"
            )
    country = fields.text("country", "")
    if country and not _COUNTRY.fullmatch(country):
        fields.fail("two capital letters (ISO 3166-1 alpha-2), such as UA", repr(country), "country")
    controlled, by = fields.flag("state_controlled"), fields.text("state_controlled_by", "")
    if (controlled is None) != (not by):
        fields.fail("state_controlled and state_controlled_by together: a yes or no, and the rater whose word it is",
                    "one without the other", "state_controlled_by" if by else "state_controlled")  # fmt: skip
    return Outlet(
        outlet_id=outlet_id,
        name=names[0],
        aliases=names[1:],
        domains=domains,
        country=country,
        kind=fields.choice("kind", KINDS, ""),
        state_controlled=controlled,
        state_controlled_by=by,
        ratings=tuple(
            Rating(
                rater=entry.text("rater"),
                code=entry.text("code"),
                meaning=entry.text("meaning", ""),
                rated_on=entry.text("rated_on", ""),
                url=entry.text("url", ""),
            )
            for entry in fields.entries("ratings", known=_RATING_KEYS)
        ),
    )


def write_outlets(outlets: Iterable[Outlet], path: Path) -> None:
    """Write outlets as a registry file that :meth:`OutletRegistry.load` reads again; an existing file is replaced whole.

    Raises:
        CodebookError: the file cannot be written, or the outlets would not be read again: an alias belongs to two of
            them, a country or domain is malformed. An existing file then stays as it was.
    """
    listed = [_as_mapping(outlet) for outlet in outlets]
    text = yaml.safe_dump({"outlets": listed}, allow_unicode=True, sort_keys=False, width=120)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        msg = f"The outlets cannot be written to {path}: {error}. Name a file in a folder that exists and is yours."
        raise CodebookError(msg) from error
    temporary = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123  (a descriptor, not a path)
            stream.write(text)
        OutletRegistry.load(temporary)
        temporary.replace(path)
    except OSError as error:
        msg = f"The outlets cannot be written to {path}: {error}."
        raise CodebookError(msg) from error
    except CodebookError as error:
        msg = f"The outlets were not written to {path}: {str(error).replace(name, 'in the new file')}"
        raise CodebookError(msg, allowed=error.allowed) from error
    finally:
        temporary.unlink(missing_ok=True)


def _as_mapping(outlet: Outlet) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "id": outlet.outlet_id,
        "name": outlet.name,
        "aliases": list(outlet.aliases),
        "domains": list(outlet.domains),
        "country": outlet.country,
        "kind": outlet.kind,
        "state_controlled": outlet.state_controlled,
        "state_controlled_by": outlet.state_controlled_by,
        "ratings": [
            {key: value for key in _RATING_KEYS if (value := getattr(rating, key))}
            for rating in outlet.ratings
        ],
    }
    return {key: value for key, value in mapping.items() if value not in (None, "", [])}


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


def read_asd_matrix(path: Path) -> tuple[Outlet, ...]:
    """Read the State Media Monitor's typology as the State Media Matrix of ASD at GMF publishes it (CSV, MIT licence).

    Being listed does not mean state-controlled: the BBC and Deutsche Welle are listed. The code is repeated as a rating,
    with the row's status and notes in its meaning, and only ``SC`` sets ``state_controlled``, by that rater.

    Args:
        path: the CSV file, with the columns Country, Media company, Main assets, URL, Typology, Status and Notes.

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
    merged: dict[str, Outlet] = {}
    for row in rows:
        if not (name_key(row["Main assets"]) or name_key(row["Media company"])):
            continue
        outlet = _outlet_of_row(row)
        merged[outlet.outlet_id] = _merge(merged.get(outlet.outlet_id, outlet), outlet)
    return OutletRegistry(()).with_outlets(merged.values()).outlets


def _outlet_of_row(row: Mapping[str, str]) -> Outlet:
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
    return Outlet(
        outlet_id="-".join(part for part in (country.lower(), _slug(name)) if part),
        name=name,
        aliases=aliases,
        domains=(host,) if host else (),
        country=country,
        kind=kind,
        state_controlled=True if code == "SC" else None,
        state_controlled_by=MATRIX_RATER if code == "SC" else "",
        ratings=(rating,) if code else (),
    )


def _merge(first: Outlet, second: Outlet) -> Outlet:
    """Join two rows of one outlet; where their codes disagree, nothing is said about control."""
    agree = first.state_controlled == second.state_controlled
    codes = {rating.code for rating in first.ratings}
    return replace(
        first,
        aliases=tuple(dict.fromkeys((*first.aliases, *second.aliases))),
        domains=tuple(dict.fromkeys((*first.domains, *second.domains))),
        kind=first.kind or second.kind,
        state_controlled=first.state_controlled if agree else None,
        state_controlled_by=first.state_controlled_by if agree else "",
        ratings=(*first.ratings, *(rating for rating in second.ratings if rating.code not in codes)),
    )


def _slug(name: str) -> str:
    folded = "".join(
        c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c)
    )
    slug = "-".join(re.findall("[a-z0-9]+", folded.translate(_ROMAN)))
    return slug or hashlib.sha256(name.encode()).hexdigest()[:8]  # a script that is not romanised here
