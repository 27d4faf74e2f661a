"""The stand-in for CouchDB: its own decisions, and the packages that it is made of."""

import json
import subprocess

from tools import home, images, javascript, versions
from tools.home import CHECKOUT

FOLDER = CHECKOUT / "tools" / "couchdb"


def test_the_tests_of_the_program() -> None:
    ended = subprocess.run(
        [javascript.node(home.find()), "--test"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "fail 0" in ended.stdout


def test_it_says_the_version_that_the_image_is_called_by() -> None:
    assert json.loads((FOLDER / "package.json").read_text())["version"] == versions.COUCHDB
    assert images.COUCHDB.name == f"couchdb:{versions.COUCHDB}"


def test_packages_are_locked_with_checksums_and_name_no_host() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    declared = json.loads((FOLDER / "package.json").read_text())
    assert lock["lockfileVersion"] == 3
    assert lock["packages"][""]["dependencies"] == declared["dependencies"]
    packages = {name: about for name, about in lock["packages"].items() if name}
    assert len(packages) > 100
    for name, about in packages.items():
        assert about["integrity"].startswith("sha512-"), name
        assert "resolved" not in about, name
