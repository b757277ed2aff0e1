from __future__ import annotations

import pytest

from verifier.config import load_settings, resource_dir, setting_names
from verifier.errors import ConfigError


def test_later_sources_win(tmp_path):
    file = tmp_path / "verifier.yaml"
    file.write_text(
        "encoder: {model: from-file}\nretrieve: {top_k: 7, min_similarity: 0.5}\n", encoding="utf-8"
    )
    environ = {"VERIFIER_RETRIEVE_TOP_K": "9", "VERIFIER_RETRIEVE_MIN_SIMILARITY": "0.6"}
    found = load_settings(file, environ=environ, overrides={"retrieve.min_similarity": 0.7})
    assert (found.encoder.model, found.retrieve.top_k, found.retrieve.min_similarity) == ("from-file", 9, 0.7)


def test_an_unknown_setting_suggests_the_nearest(tmp_path):
    file = tmp_path / "verifier.yaml"
    file.write_text("encoder: {modle: x}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"encoder\.model"):
        load_settings(file, environ={})


@pytest.mark.parametrize(
    ("name", "value"), [("retrieve.top_k", "many"), ("retrieve.top_k", "2.5"), ("verdict.take_side", "high")]
)
def test_a_bad_value_names_the_setting_and_what_it_takes(name, value):
    with pytest.raises(ConfigError, match=name):
        load_settings(environ={}, overrides={name: value})


def test_a_broken_file_is_named(tmp_path):
    file = tmp_path / "verifier.yaml"
    file.write_text("encoder: [", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"verifier\.yaml"):
        load_settings(file, environ={})


def test_a_home_holds_everything(tmp_path):
    found = load_settings(environ={"VERIFIER_HOME": str(tmp_path)})
    assert found.database_url == f"sqlite:///{tmp_path / 'verifier.db'}"
    for place in (found.indexes_dir, found.cache_dir, found.local_outlets):
        assert tmp_path in place.parents


def test_the_digest_changes_with_results_and_not_with_places(tmp_path):
    one = load_settings(environ={}, overrides={"home": str(tmp_path / "a")})
    two = load_settings(environ={}, overrides={"home": str(tmp_path / "b")})
    three = load_settings(environ={}, overrides={"home": str(tmp_path / "a"), "verdict.take_side": 0.7})
    assert one.digest() == two.digest() != three.digest()


def test_every_setting_can_come_from_the_environment(tmp_path):
    samples = {"home": str(tmp_path), "database_url": "sqlite:///x.db", "encoder.precision": "float32"}
    environ = {"VERIFIER_" + n.replace(".", "_").upper(): samples.get(n, "1") for n in setting_names()}
    load_settings(environ=environ)


def test_shipped_resources_are_where_they_are_said_to_be():
    assert (resource_dir("annotations") / "outlets.yaml").is_file()
