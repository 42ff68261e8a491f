import kubernetes_validate
import pytest
import yaml

from serving.deploy.rendered_files import write_files

# The oldest that offers everything used, and the newest with a schema here.
_KUBERNETES_VERSIONS = ("1.30", kubernetes_validate.latest_version())


@pytest.mark.parametrize("version", _KUBERNETES_VERSIONS)
def test_every_object_keeps_to_the_schema_of_kubernetes(objects, version):
    for found in objects.values():
        kubernetes_validate.validate(found, version, strict=True)


def test_every_object_is_in_the_namespace(objects, values):
    for (kind, _), found in objects.items():
        if kind != "Namespace":
            assert found["metadata"]["namespace"] == values.namespace


def test_every_file_says_where_it_comes_from(files):
    for text in files.values():
        assert text.startswith("# Rendered by `python -m serving.deploy`")


def test_yaml_holds_no_references(files):
    for path, text in files.items():
        if path.endswith((".yaml", ".yml")):
            tokens = yaml.scan(text)
            assert not any(isinstance(t, yaml.AliasToken) for t in tokens)


def test_files_are_written_below_the_folder(build, tmp_path):
    written = write_files(build(), tmp_path / "new")
    assert tmp_path / "new" / "compose.yaml" in written
    assert all(path.is_file() for path in written)
