"""The documentation says what the program does: every command and setting is there, and the tutorial runs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from verifier import errors
from verifier.cli import app
from verifier.config import resource_dir, setting_names


def _commands(group, prefix=""):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


COMMANDS = dict(_commands(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_working_example(name):
    command = COMMANDS[name]
    assert command.help
    assert command.epilog.startswith(f"Example: verifier {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_reference(name, repository):
    assert f"verifier {name}" in (repository / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", setting_names())
def test_every_setting_is_in_the_reference(name, repository):
    assert f"`{name}`" in (repository / "docs" / "reference" / "config.md").read_text(encoding="utf-8")


def test_every_error_is_drawn_in_the_tree():
    kinds = [
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.VerifierError)
    ]
    assert [name for name in kinds if name not in errors.__doc__] == []


def test_links_between_pages_lead_somewhere(repository):
    broken = []
    for page in [
        repository / "README.md",
        repository / "CONTRIBUTING.md",
        *(repository / "docs").rglob("*.md"),
    ]:
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        broken += [
            f"{page.relative_to(repository)}: {target}"
            for target in targets
            if "://" not in target and not (page.parent / target).exists()
        ]
    assert broken == []


@pytest.mark.model
def test_the_tutorial_runs(tmp_path, repository):
    page = (repository / "docs" / "tutorial.md").read_text(encoding="utf-8")
    lines = [
        line.removeprefix("$ ")
        for block in re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert len(lines) >= 12
    python = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)[0]
    script = "\n".join(["set -euo pipefail", *lines, f"python - <<'PANDAS'\n{python}PANDAS"])
    bin_dir = Path(sys.executable).parent
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        env={"PATH": f"{bin_dir}:/usr/bin:/bin", "SEEDS": str(resource_dir("seeds")), "HOME": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "0 added" in ran.stderr, "the second ingest adds nothing"
    assert "NOT ENOUGH EVIDENCE" in ran.stdout, "the claim about nothing in the corpus is abstained from"
    assert "official-source" in ran.stdout, "pandas reads the label back"
