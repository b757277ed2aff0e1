"""The outlets by all their names: loading, finding, extending and writing the registry.

Names are compared by :func:`~verifier.outlets.names.name_key`. What several outlets answer to ("NTV") resolves to none of them: an
unknown outlet is a lesser fault than a wrong one.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from verifier.config import resource_dir
from verifier.domain import FactSource, Outlet, Rating
from verifier.errors import CodebookError
from verifier.outlets.names import DOMAIN, host_of, name_key
from verifier.strict_yaml import Fields, read_fields

KINDS = ("agency", "newspaper", "broadcaster", "online", "aggregator", "official")
"""What an outlet chiefly is. An agency serves other outlets; an aggregator shows other outlets' texts; an official
channel speaks for a state body or a party to the events; magazines count as newspapers."""

SOURCED_FACTS = ("owner", "country", "languages", "state_controlled")
"""What an entry may say only with a source that was read. Names, domains and kind are how an outlet is recognised and shown."""

_REGISTRY_KEYS = ("version", "description", "outlets")
_OUTLET_KEYS = (
    "id",
    "name",
    "aliases",
    "domains",
    "owner",
    "country",
    "languages",
    "kind",
    "state_controlled",
    "state_controlled_by",
    "ratings",
    "sources",
)
_RATING_KEYS = ("rater", "code", "meaning", "rated_on", "url")
_SOURCE_KEYS = ("facts", "source", "url", "read_on")

_ID = re.compile(r"[\w-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


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
            CodebookError: a file is malformed, two outlets share an id or an alias, or a fact has no source.
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
        if not DOMAIN.fullmatch(domain) or domain != domain.lower() or domain.startswith("www."):
            fields.fail(
                "bare domains in small letters without 'www.', such as example.org", repr(domain), "domains"
            )
    country = fields.text("country", "")
    if country and not _COUNTRY.fullmatch(country):
        fields.fail("two capital letters (ISO 3166-1 alpha-2), such as UA", repr(country), "country")
    languages = fields.texts("languages")
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            fields.fail("language tags (BCP 47), such as uk or zh-Hant", repr(language), "languages")
    controlled, by = fields.flag("state_controlled"), fields.text("state_controlled_by", "")
    if (controlled is None) != (not by):
        fields.fail("state_controlled and state_controlled_by together: a yes or no, and the rater whose word it is",
                    "one without the other", "state_controlled_by" if by else "state_controlled")  # fmt: skip
    outlet = Outlet(
        outlet_id=outlet_id,
        name=names[0],
        aliases=names[1:],
        domains=domains,
        owner=fields.text("owner", ""),
        country=country,
        languages=languages,
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
        sources=tuple(_read_source(entry) for entry in fields.entries("sources", known=_SOURCE_KEYS)),
    )
    _require_sources(outlet, fields)
    return outlet


def _read_source(fields: Fields) -> FactSource:
    facts = fields.texts("facts")
    strange = [fact for fact in facts if fact not in SOURCED_FACTS]
    if strange or not facts:
        found = repr(strange[0]) if strange else "none"
        fields.fail(f"facts from {', '.join(SOURCED_FACTS)}", found, "facts", allowed=SOURCED_FACTS)
    read_on = fields.text("read_on", "")
    if read_on and not _is_day(read_on):
        fields.fail("a day as YYYY-MM-DD", repr(read_on), "read_on")
    return FactSource(facts=facts, source=fields.text("source"), url=fields.text("url", ""), read_on=read_on)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _require_sources(outlet: Outlet, fields: Fields) -> None:
    """Refuse an entry that says what no source is named for, or names a source for what it does not say."""
    sourced = {fact for source in outlet.sources for fact in source.facts}
    for fact in SOURCED_FACTS:
        said = getattr(outlet, fact) not in ("", (), None)
        if said and fact not in sourced:
            fields.fail(
                f"a source that was read: an entry under 'sources' with {fact!r} among its facts",
                "none",
                fact,
            )
        if fact in sourced and not said:
            fields.fail(f"{fact!r} to be said, as a source is named for it", "nothing", "sources")


def write_outlets(outlets: Iterable[Outlet], path: Path) -> None:
    """Write outlets as a registry file that :meth:`OutletRegistry.load` reads again; an existing file is replaced whole.

    Raises:
        CodebookError: the file cannot be written, or the outlets would not be read again: an alias belongs to two of
            them, a country or domain is malformed, a fact has no source. An existing file then stays as it was.
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
        "owner": outlet.owner,
        "country": outlet.country,
        "languages": list(outlet.languages),
        "kind": outlet.kind,
        "state_controlled": outlet.state_controlled,
        "state_controlled_by": outlet.state_controlled_by,
        "ratings": [
            {key: value for key in _RATING_KEYS if (value := getattr(rating, key))}
            for rating in outlet.ratings
        ],
        "sources": [
            {
                "facts": list(source.facts),
                **{key: value for key in _SOURCE_KEYS[1:] if (value := getattr(source, key))},
            }
            for source in outlet.sources
        ],
    }
    return {key: value for key, value in mapping.items() if value not in (None, "", [])}
