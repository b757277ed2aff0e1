"""Settings: defaults, then a YAML file, then the environment, then arguments; later ones win.

The only reader of ``os.environ`` in the project. It also knows where things live: a checkout keeps its database in
``annotations/`` and its indexes in ``indexes/``; an installed copy keeps them in the user's data folder, or in ``VERIFIER_HOME``.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from verifier.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def is_checkout() -> bool:
    """Tell whether the package runs from a checkout of its repository rather than an installed copy."""
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "annotations").is_dir()


def resource_dir(name: str) -> Path:
    """Return the read-only folder ``annotations`` or ``seeds``, in a checkout or in an installed copy."""
    return (_CHECKOUT if is_checkout() else _PACKAGE / "data") / name


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSettings:
    """Which sentence encoder to use; ``model`` is ``bundled``, a folder, or a model name already in the local cache."""

    model: str = "bundled"
    precision: str = "auto"
    batch_tokens: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceSettings:
    """Which stance model to use, and what it reads of a statement.

    ``model`` is ``bundled``, a folder, or a model name already in the local cache; ``context`` what stands before the sentence:
    ``none``, ``previous`` (the sentence before it), ``dated`` (the day of publication, then the sentence before it), or ``titled`` (day, title of the
    page, sentence before it). Joined by ``+`` a statement is read in each of these ways, and the readings are averaged.
    On the choosing half of the gold the sentence alone does best (macro-F1 with amounts 0.72; alone and titled 0.67, titled 0.63; log loss 0.74, 0.74, 0.78; November 2026); both readings
    are the default because on real pages, whose sentences lean on more than the gold's, the sentence alone missed what the title names.
    """

    model: str = "bundled"
    context: str = "none+titled"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """Which vector index to use, and the switch from exact vectors to 8-bit ones (sentences)."""

    name: str = "default"
    backend: str = "faiss"
    exact_up_to: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveSettings:
    """How statements are looked up.

    ``rerank_pool`` is how many go to the stance model, ``top_k`` how many of them are kept, and ``rerank_weight`` what the probability that one takes a
    side counts beside the fused score, which is at most 1; ``min_similarity`` is the cosine that the nearest statement must reach for anything
    to count as found; ``context`` what is put before a sentence when it is embedded (``none``, ``title`` or ``previous``); ``lexical_weight`` the share
    of the lexical leg in the fused score, 0 to 1. Calibrated for the bundled models on the choosing half of the gold (November 2026) by
    ``benchmarks/settings.py``; words at 0, 0.1, 0.2 and 0.3 and re-ranking at 0 to 1.0 of 48: with words at 0.1 re-ranking takes recall@10 from 0.78 to 0.87
    and first hits from 0.64 to 0.76. More words do as well there, and less well on aligned news sentences (recall@1 on NTREX 0.966 at 0.3, 0.976 at 0.1).
    """

    top_k: int = 24
    rerank_pool: int = 48
    rerank_weight: float = 1.0
    min_similarity: float = 0.33
    context: str = "previous"
    lexical_weight: float = 0.1

    @property
    def candidates(self) -> int:
        """How many statements go to the stance model."""
        return max(self.rerank_pool, self.top_k)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSettings:
    """The thresholds of the verdict rules (probabilities in [0, 1]).

    ``take_side`` is chosen for the bundled stance model (version 3) on the choosing half of the gold of ``seeds/`` (November 2026, ``benchmarks/settings.py``; 0.35 to 0.65
    tried): macro-F1 is flat, 0.671 from 0.40 to 0.50 and 0.681 at 0.55. At 0.50, of 100 statements that are said to corroborate 76 do, and 69 of those said to contradict; at
    0.55 it is 84 and 72, but more claims with evidence get no answer. Choose again with another stance model.
    """

    take_side: float = 0.5
    conflict_share: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """Limits of what is taken in (bytes of a file, code points of a text)."""

    max_file_bytes: int = 20_000_000
    min_chars: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set.

    ``database_url`` is an SQLAlchemy URL. Folders are absolute. Sections can be set in YAML by name, in the environment as
    ``VERIFIER_<SECTION>_<NAME>`` (``VERIFIER_ENCODER_MODEL``), and as ``section.name`` in :func:`load_settings`.
    """

    home: Path
    database_url: str
    indexes_dir: Path
    cache_dir: Path
    annotator: str = ""
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    stance: StanceSettings = field(default_factory=StanceSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    retrieve: RetrieveSettings = field(default_factory=RetrieveSettings)
    verdict: VerdictSettings = field(default_factory=VerdictSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)

    @property
    def local_outlets(self) -> Path:
        """Where outlets that this installation learnt or imported are kept, beside the shipped registry."""
        return (self.home / "annotations" if self.home == _CHECKOUT else self.home) / "outlets.local.yaml"

    def digest(self) -> str:
        """Return 16 hexadecimal digits over every setting that can change a result (folders and names of people cannot)."""
        sections = {
            name: {f.name: getattr(getattr(self, name), f.name) for f in fields(getattr(self, name))}
            for name in _SECTIONS
        }
        return hashlib.sha256(json.dumps(sections, sort_keys=True).encode()).hexdigest()[:16]


_SECTIONS: dict[str, type] = {
    "encoder": EncoderSettings,
    "stance": StanceSettings,
    "index": IndexSettings,
    "retrieve": RetrieveSettings,
    "verdict": VerdictSettings,
    "ingest": IngestSettings,
}
_TOP = ("home", "database_url", "indexes_dir", "cache_dir", "annotator")


def setting_names() -> tuple[str, ...]:
    """List every setting as ``name`` or ``section.name``."""
    nested = [f"{section}.{f.name}" for section, kind in _SECTIONS.items() for f in fields(kind)]
    return (*_TOP, *nested)


def load_settings(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings.

    Args:
        path: a YAML file; without it ``$VERIFIER_CONFIG``, else ``verifier.yaml`` in the working folder if there is one.
        environ: the environment; the process's own by default.
        overrides: values by ``name`` or ``section.name``, which win over everything.

    Raises:
        ConfigError: a setting is unknown or has a value of the wrong kind, or the file cannot be read.
    """
    env = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    named = path or (Path(env["VERIFIER_CONFIG"]) if env.get("VERIFIER_CONFIG") else None)
    if named is not None or Path("verifier.yaml").is_file():
        values.update(_from_yaml(named or Path("verifier.yaml")))
    for name in setting_names():
        variable = "VERIFIER_" + name.replace(".", "_").upper()
        if variable in env:
            values[name] = env[variable]
    values.update(overrides or {})
    for name in values:
        if name not in setting_names():
            near = difflib.get_close_matches(name, setting_names(), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Settings are {', '.join(setting_names())}."
            msg = f"Unknown setting {name!r}.{hint}"
            raise ConfigError(msg)
    return _build(values)


def _from_yaml(path: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  (only when there is a file to read)

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"The settings file {path} cannot be read: {error}. Correct it, or name another with VERIFIER_CONFIG."
        raise ConfigError(msg) from error
    if not isinstance(loaded, dict):
        msg = f"The settings file {path} must hold names and values; found {type(loaded).__name__}."
        raise ConfigError(msg)
    flat: dict[str, Any] = {}
    for key, value in loaded.items():
        if key in _SECTIONS and isinstance(value, dict):
            flat.update({f"{key}.{inner}": inner_value for inner, inner_value in value.items()})
        else:
            flat[str(key)] = value
    return flat


def _build(values: Mapping[str, Any]) -> Settings:
    if "home" in values:
        home = Path(str(values["home"])).expanduser().resolve()
        database_dir, indexes = home, home / "indexes"
    elif is_checkout():
        home, database_dir, indexes = _CHECKOUT, _CHECKOUT / "annotations", _CHECKOUT / "indexes"
    else:
        home = Path(platformdirs.user_data_dir("verifier", appauthor=False))
        database_dir, indexes = home, home / "indexes"
    settings = Settings(
        home=home,
        database_url=str(values.get("database_url") or f"sqlite:///{database_dir / 'verifier.db'}"),
        indexes_dir=Path(str(values.get("indexes_dir") or indexes)).expanduser().resolve(),
        cache_dir=Path(str(values.get("cache_dir") or _default_cache(values, home))).expanduser().resolve(),
        annotator=str(values.get("annotator", "")),
    )
    for section, kind in _SECTIONS.items():
        changes = {
            f.name: _coerce(
                f"{section}.{f.name}",
                values[f"{section}.{f.name}"],
                getattr(getattr(settings, section), f.name),
            )
            for f in fields(kind)
            if f"{section}.{f.name}" in values
        }
        if changes:
            settings = replace(settings, **{section: replace(getattr(settings, section), **changes)})
    return settings


def _default_cache(values: Mapping[str, Any], home: Path) -> Path:
    return (
        home / "cache" if "home" in values else Path(platformdirs.user_cache_dir("verifier", appauthor=False))
    )


def _coerce(name: str, value: Any, default: str | float) -> str | int | float:
    kind = type(default)
    try:
        if kind is int and float(value) != int(float(value)):
            raise ValueError  # noqa: TRY301
        return kind(float(value)) if kind is int else kind(value)
    except (TypeError, ValueError) as error:
        msg = f"Setting {name!r} takes {_KINDS[kind]}, for example {default!r}; found {value!r}."
        raise ConfigError(msg) from error


_KINDS = {int: "a whole number", float: "a number", str: "text"}


def app_script() -> Path:
    """Return the Streamlit script that starts the app."""
    return _CHECKOUT / "app.py" if is_checkout() else _PACKAGE / "data" / "app.py"
