"""The peers' builder for packages of the old lifecycle: mounted, executable, and what it does."""

import subprocess
from pathlib import Path

import yaml

from components import peer_org
from tests.component.recorded import CONFIG_MAP, STATEFUL_SET, Recorded

BIN = Path(peer_org.__file__).with_name("legacy_builder") / "bin"


def run(name: str, *folders: Path) -> bool:
    """Without an environment but the PATH, as peers do."""
    env = {"PATH": "/usr/bin:/bin"}
    return subprocess.run([BIN / name, *folders], env=env, check=False).returncode == 0


def test_peers_find_it_where_their_core_yaml_says(simple: Recorded) -> None:
    config = yaml.safe_load(simple.named(CONFIG_MAP, peer_org.CONFIG).inputs["data"]["core.yaml"])
    builders = {each["name"]: each["path"] for each in config["chaincode"]["externalBuilders"]}
    assert list(builders) == ["ccaas_builder", "legacy_builder"], "the first that detects, builds"
    peers = [n for n in simple.of(STATEFUL_SET) if n.manifest_name.startswith("hlf-peer--")]
    assert len(peers) == 3
    for peer in peers:
        (container,) = peer.pod["spec"]["containers"]
        paths = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
        volume = paths[f"{builders['legacy_builder']}/bin"]
        (found,) = [v for v in peer.pod["spec"]["volumes"] if v["name"] == volume]
        assert found["configMap"]["defaultMode"] == 0o555
        assert {each["path"] for each in found["configMap"]["items"]} == {
            "build",
            "detect",
            "release",
        }


def test_its_scripts_are_in_the_config_map(simple: Recorded) -> None:
    data = simple.named(CONFIG_MAP, peer_org.CONFIG).inputs["data"]
    for script in BIN.iterdir():
        assert data[script.name] == script.read_text()
        assert data[script.name].startswith("#!/bin/sh\n")


def test_it_takes_what_says_where_a_server_is(tmp_path: Path) -> None:
    source, metadata = tmp_path / "source", tmp_path / "metadata"
    source.mkdir()
    metadata.mkdir()
    (metadata / "metadata.json").write_text('{"path":"cc","type":"GOLANG","label":"cc"}')
    assert not run("detect", source, metadata)
    (source / "connection.json").write_text("{}")
    assert run("detect", source, metadata)


def test_the_peer_gets_the_address_and_the_indexes(tmp_path: Path) -> None:
    source, output, release = (tmp_path / name for name in ("source", "output", "release"))
    for folder in (source, output, release):
        folder.mkdir()
    (source / "connection.json").write_text('{"address":"server:7052"}')
    assert run("build", source, tmp_path, output)
    assert run("release", output, release)
    assert not (release / "statedb").exists()

    index = "statedb/couchdb/indexes/owner.json"
    (source / "META-INF" / index).parent.mkdir(parents=True)
    (source / "META-INF" / index).write_text("{}")
    assert run("build", source, tmp_path, output)
    assert run("release", output, release)
    connection = release / "chaincode" / "server" / "connection.json"
    assert connection.read_text() == '{"address":"server:7052"}'
    assert (release / index).read_text() == "{}"


def test_a_package_that_lacks_the_address_is_not_released(tmp_path: Path) -> None:
    output, release = tmp_path / "output", tmp_path / "release"
    output.mkdir()
    release.mkdir()
    assert not run("release", output, release)
