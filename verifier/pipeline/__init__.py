"""The workflows: ingest, index, verify, verify a document's claims, label, export, import. They wire the other modules and hold no algorithm.

``open_services`` gives what every workflow needs. Models load on first use, once per process; every workflow takes an optional
``progress(done, total, what)`` callback, so that a command line or a page can show it.
"""

from verifier.pipeline.annotation import (
    export,
    export_rows,
    label,
    withdraw_label,
    write_text,
)
from verifier.pipeline.claims import (
    ClaimOutcome,
    DocumentClaims,
    DocumentsFound,
    claim_rows,
    claims_csv,
    document_claims,
    find_claims,
    verify_claims,
)
from verifier.pipeline.corpus import (
    IndexReport,
    IndexState,
    IngestReport,
    build_index,
    delete_documents,
    demo,
    index_state,
    ingest,
)
from verifier.pipeline.edits import commit_edits
from verifier.pipeline.imports import ImportReport, import_file
from verifier.pipeline.services import Progress, Services, open_services
from verifier.pipeline.verification import explain_rules, judge, verify

__all__ = [
    "ClaimOutcome",
    "DocumentClaims",
    "DocumentsFound",
    "ImportReport",
    "IndexReport",
    "IndexState",
    "IngestReport",
    "Progress",
    "Services",
    "build_index",
    "claim_rows",
    "claims_csv",
    "commit_edits",
    "delete_documents",
    "demo",
    "document_claims",
    "explain_rules",
    "export",
    "export_rows",
    "find_claims",
    "import_file",
    "index_state",
    "ingest",
    "judge",
    "label",
    "open_services",
    "verify",
    "verify_claims",
    "withdraw_label",
    "write_text",
]
