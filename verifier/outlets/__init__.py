"""The outlet registry: which names, spellings and domains mean the same publisher, and what was read about it.

Names are compared by a key that forgets case, punctuation, accents and script, so that "Українська правда" and "Ukrainska
Pravda" are one. Owner, country, languages and control are said only with a source that was read, and control only where a named
rater says it in so many words: it is never derived.
"""

from verifier.outlets.matrix import MATRIX_CODES, MATRIX_RATER, read_asd_matrix
from verifier.outlets.names import host_of, name_key
from verifier.outlets.registry import KINDS, SOURCED_FACTS, OutletRegistry, write_outlets

__all__ = [
    "KINDS",
    "MATRIX_CODES",
    "MATRIX_RATER",
    "SOURCED_FACTS",
    "OutletRegistry",
    "host_of",
    "name_key",
    "read_asd_matrix",
    "write_outlets",
]
