"""The steps by which a database gets its tables, one file each in ``versions``; Alembic runs them.

A step, once released, is never edited: it names its tables and columns itself and imports nothing of this package, so that it does
tomorrow what it does today. A new step is a file there, and its revision becomes ``verifier.store.schema.HEAD``.
"""
