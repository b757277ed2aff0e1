"""The annotator's JavaScript: its own tests under Node, the one module it is joined to, and its offsets beside Python's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier.ui.annotator import assets

NODE = shutil.which("node")
SOURCES = Path(assets.__file__).resolve().parent
TESTS = Path(__file__).resolve().parent / "js"
needs_node = pytest.mark.skipif(
    NODE is None, reason="the tests of JavaScript need Node 18 or later; install the package nodejs"
)
OFFSETS = """
const { OffsetMap } = await import(process.argv[1]);
let given = "";
for await (const chunk of process.stdin) given += chunk;
const out = JSON.parse(given).map((text) => {
  const map = new OffsetMap(text);
  return { units: Array.from({ length: map.points + 1 }, (_, point) => map.toUnit(point)), points: Array.from({ length: text.length + 1 }, (_, unit) => map.toPoint(unit)) };
});
console.log(JSON.stringify(out));
"""


@needs_node
def test_its_own_tests_pass():
    ran = subprocess.run(
        [NODE, "--test", *sorted(str(path) for path in TESTS.glob("*.test.mjs"))],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert int(re.search(r"^# pass (\d+)$", ran.stdout, flags=re.MULTILINE)[1]) > 0


@needs_node
def test_joined_it_is_one_valid_module(tmp_path):
    path = tmp_path / "annotator.mjs"
    path.write_text(assets.script(), encoding="utf-8")
    ran = subprocess.run([NODE, "--check", str(path)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr  # a name that two modules have is a syntax error, too


def test_every_module_is_joined_after_those_it_needs():
    assert {path.stem for path in SOURCES.glob("*.js")} == set(assets.MODULES)
    for number, name in enumerate(assets.MODULES):
        source = assets.source(f"{name}.js")
        needed = re.findall(r'from "\./(\w+)\.js"', source)
        assert set(needed) <= set(assets.MODULES[:number]), name
        assert len(needed) == len(re.findall(r"^import ", source, flags=re.MULTILINE))
        for imported, module in re.findall(
            r'^import \{ ([^}]*) \} from "\./(\w+)\.js";', source, re.MULTILINE
        ):
            for one in imported.split(", "):
                assert re.search(
                    rf"^export (?:async )?(?:class|function|const) {one}\b",
                    assets.source(f"{module}.js"),
                    flags=re.MULTILINE,
                ), f"{name}.js needs {one}, which {module}.js does not offer"
    joined = assets.script()
    assert not re.search(r"^import ", joined, flags=re.MULTILINE)
    assert re.findall(r"^export .*", joined, flags=re.MULTILINE) == [
        "export default function annotator({ data, parentElement, setStateValue }) {"
    ]


def test_no_string_is_parsed_as_html():
    for path in SOURCES.glob("*.js"):
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|eval\(|new Function",
            path.read_text(encoding="utf-8"),
        )
        assert found == [], path.name


@needs_node
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), min_size=100, max_size=100))
def test_offsets_are_those_of_python(texts):
    ran = subprocess.run(
        [NODE, "--input-type=module", "-e", OFFSETS, (SOURCES / "offsets.js").as_uri()],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    for text, found in zip(texts, json.loads(ran.stdout), strict=True):
        units = [len(text[:point].encode("utf-16-le")) // 2 for point in range(len(text) + 1)]
        assert found["units"] == units
        for point, unit in enumerate(units):
            assert found["points"][unit] == point
