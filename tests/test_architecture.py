"""The house rules that a reviewer would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

RANKS = {
    "errors": 0,
    "domain": 0,
    "config": 1,
    "languages": 1,
    "codebooks": 1,
    "outlets": 1,
    "models": 1,
    "resampling": 1,
    "ingest": 2,
    "segment": 2,
    "encode": 2,
    "index": 2,
    "lexical": 2,
    "stance": 2,
    "quantities": 2,
    "dates": 2,
    "names": 2,
    "store": 2,
    "exchange": 2,
    "agreement": 2,
    "retrieve": 3,
    "verdict": 3,
    "claims": 3,
    "workload": 3,
    "attribution": 3,
    "explanation": 3,
    "pipeline": 4,
    "evaluation": 5,
    "diagnosis": 5,
    "cli": 5,
    "ui": 5,
}
PART_OF = {"e5s1": "encode", "strict_yaml": "codebooks"}
"""Rooms of their own that belong to a module: they share its rank, and only their house may enter."""
HEAVY = ("torch", "transformers", "sentence_transformers", "faiss", "streamlit", "pandas", "tantivy")


def _module(path, root):
    name = path.relative_to(root / "verifier").parts[0].removesuffix(".py")
    return PART_OF.get(name, name)


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_run_one_way(repository):
    wrong = []
    for path in (repository / "verifier").rglob("*.py"):
        module = _module(path, repository)
        if module in {"__init__", "data"}:
            continue
        assert module in RANKS, f"{path} has no rank: give it one here"
        for name in _imports(path):
            parts = name.split(".")
            target = parts[1] if parts[0] == "verifier" and len(parts) > 1 else None
            target = PART_OF.get(target, target)
            if target is None or target == module or target not in RANKS:
                continue
            same_rank_is_fine = RANKS[module] in {0, 1, 3, 5}
            if RANKS[target] > RANKS[module] or (RANKS[target] == RANKS[module] and not same_rank_is_fine):
                wrong.append(f"{path.relative_to(repository)} imports verifier.{target}")
    assert wrong == []


@pytest.mark.parametrize(
    "command", ["import verifier", "import verifier.pipeline", "from verifier.cli import app"]
)
def test_heavy_libraries_wait(command):
    code = f"{command}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_library_never_prints(repository):
    loud = [
        f"{path.relative_to(repository)}:{node.lineno}"
        for path in (repository / "verifier").rglob("*.py")
        if _module(path, repository) != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert loud == []


def test_the_ui_knows_neither_models_nor_sql(repository):
    for path in (repository / "verifier" / "ui").rglob("*.py"):
        forbidden = {"faiss", "torch", "sqlalchemy", "sqlite3", "transformers", "sentence_transformers"}
        assert not forbidden & {name.split(".")[0] for name in _imports(path)}, path


def test_files_can_be_read_in_one_sitting(repository):
    long = {
        str(path.relative_to(repository)): lines
        for path in [*(repository / "verifier").rglob("*.py"), *(repository / "tests").rglob("*.py")]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 600
    }
    assert long == {}


def test_locks_name_packages_versions_and_hashes_only(repository):
    import re

    requirement = re.compile(r"^[a-z0-9][a-z0-9._-]*==[0-9][0-9a-z.!]*( ; [^\\]+)? \\$")
    digest = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
    for name in ("app.lock", "dev.lock"):
        lines = (repository / "requirements" / name).read_text(encoding="utf-8").splitlines()
        assert lines, name
        assert [line for line in lines if not requirement.match(line) and not digest.match(line)] == []
        assert not any(line.startswith("torch==") for line in lines)
    assert (repository / "requirements" / "torch.txt").read_text(encoding="utf-8") == "torch==2.13.0\n"


def test_the_page_on_architecture_has_the_same_ranks(repository):
    page = (repository / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (.+?) \|$", page, flags=re.MULTILINE)
    told = {name: int(rank) for rank, names in rows for name in re.findall("`([a-z_]+)`", names)}
    assert told == RANKS
