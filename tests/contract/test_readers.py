"""What every reader of ``verifier.ingest.READERS`` must do; a new entry is tested without writing a test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from verifier.config import IngestSettings
from verifier.domain import Document, Refusal, utc_now
from verifier.errors import IngestError
from verifier.ingest import READERS, IngestOptions, read_documents, restore
from verifier.ingest.readers import Piece

EACH = pytest.mark.parametrize("suffix", list(READERS))


@EACH
def test_a_suffix_is_lower_case_and_begins_with_a_dot(suffix):
    assert suffix.startswith(".")
    assert suffix == suffix.casefold()


@EACH
@hypothesis_settings(max_examples=25, deadline=None)
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_any_bytes_give_pieces_or_a_named_refusal(suffix, raw):
    try:
        found = list(READERS[suffix](raw, "somewhere/file"))
    except IngestError as error:
        found = [error]
    for item in found:
        if isinstance(item, IngestError):
            assert "somewhere/file" in str(item)
            assert item.source.startswith("somewhere/file")
            assert item.reason
        else:
            assert isinstance(item, Piece)
            assert 0 <= item.start <= len(item.text)


@EACH
@pytest.mark.parametrize("raw", [b"", b"\x00\x01\x02", b"\xff\xff\xff", b"\xef\xbb\xbf"])
def test_files_without_text_are_refused_with_a_sentence(suffix, raw, tmp_path):
    (tmp_path / f"file{suffix}").write_bytes(raw)
    found = list(
        read_documents([tmp_path], options=IngestOptions(), settings=IngestSettings(), now=utc_now())
    )
    assert all(isinstance(item, Refusal) and item.message.endswith(".") for item in found)


@EACH
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(min_size=30, max_size=120))
def test_documents_of_any_reader_can_be_restored(suffix, text, tmp_path):
    (tmp_path / f"file{suffix}").write_bytes(text.encode())
    for item in read_documents([tmp_path], options=IngestOptions(), settings=IngestSettings(), now=utc_now()):
        if isinstance(item, Document):
            assert len(restore(item)) == item.acquisition.raw_end - item.acquisition.raw_start
