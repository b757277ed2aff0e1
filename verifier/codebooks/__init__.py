"""The schemes people label with, and the word lists that suggest labels; outlets are in :mod:`verifier.outlets`.

A codebook is one YAML file in ``annotations/codebooks``, named after its id, checked completely on load (:mod:`~verifier.codebooks.schemes`). A changed
scheme is a new version and the earlier one stays readable (:mod:`~verifier.codebooks.versions`); annotations keep the version they were given under until
somebody migrates them (:mod:`~verifier.codebooks.migration`). Labels that overlap are matched across codebooks (:mod:`~verifier.codebooks.matches`).

A lexicon (:mod:`~verifier.codebooks.lexicons`) *suggests*: that a word stands in a text says nothing yet about who uses it or how, so no label is ever
set from it.
"""

from verifier.codebooks.guidelines import read_guideline
from verifier.codebooks.lexicons import Lexicon, LexiconEntry, Suggestion, load_lexicons
from verifier.codebooks.matches import matches_between
from verifier.codebooks.migration import (
    Migration,
    MigrationPlan,
    PlannedChange,
    Undecided,
    load_migrations,
    plan_migration,
    read_migration,
)
from verifier.codebooks.schemes import KINDS, load_codebooks, read_codebook
from verifier.codebooks.versions import load_version, load_versions, scheme_digest, unregistered_changes

__all__ = [
    "KINDS",
    "Lexicon",
    "LexiconEntry",
    "Migration",
    "MigrationPlan",
    "PlannedChange",
    "Suggestion",
    "Undecided",
    "load_codebooks",
    "load_lexicons",
    "load_migrations",
    "load_version",
    "load_versions",
    "matches_between",
    "plan_migration",
    "read_codebook",
    "read_guideline",
    "read_migration",
    "scheme_digest",
    "unregistered_changes",
]
