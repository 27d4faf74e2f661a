"""What is wrong with a file before anybody asks what it means."""

import pytest

FILES = ["crypto-config.yaml", "configtx.yaml", "network.yaml"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", None, "the file is empty"),
        (b"# nothing but a comment\n", None, "the file is empty"),
        (b"---\n", None, "the file is empty"),
        (b"- a\n- b\n", 1, "the file is no mapping"),
        (b"just words\n", 1, "the file is no mapping"),
        (b"a: 1\n---\nb: 2\n", 3, "more than one document"),
        (b"a:\n\tb: 1\n", 2, "indented with a tab|indent with spaces"),
        (b"a: [1, 2\nb: 3\n", 2, "this is not YAML|correct the line"),
        (b"a: 1\nb: \xff\xfe\n", 2, "not UTF-8|save it as UTF-8"),
        (b"\xff\xfea\x00:\x00", 1, "not UTF-8"),
        (b"a: \x07\n", None, "characters that YAML does not allow"),
        (b'a: "\\UFFFFFFFF"\n', None, "characters that YAML does not allow"),
        (b"a: &a [*a]\n", None, "an alias contains itself"),
        (b"a: *b\n", 1, "this is not YAML|undefined alias"),
        (b"[" * 5000, 1, "nested deeper than"),
        (b"#" * (1024 * 1024 + 1), None, "larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_read(simple, tell, *, file, data, line, words):
    simple.write(file, data)
    mistake = simple.mistake()
    tell(mistake, file=file, path="", words=words)
    assert mistake.line == line


def test_alias_bombs_are_bounded(simple, tell):
    levels = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [
        b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)
    ]
    simple.write("configtx.yaml", b"\n".join(levels))
    tell(simple.mistake(), file="configtx.yaml", path="", words="the aliases unfold to far more")


def test_chains_of_aliases_are_bounded(simple, tell):
    levels = [b"a0: &a0 [x]"] + [b"a%d: &a%d [*a%d]" % (n, n, n - 1) for n in range(1, 3000)]
    simple.write("configtx.yaml", b"\n".join(levels))
    tell(simple.mistake(), file="configtx.yaml", path="", words="the aliases unfold to far more")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file(simple, tell, file):
    (simple.root / "net" / file).unlink()
    tell(simple.mistake(), file=file, path="", words="no such file|hlf:network")


@pytest.mark.parametrize("file", FILES)
def test_a_folder_in_a_files_place(simple, tell, file):
    (simple.root / "net" / file).unlink()
    (simple.root / "net" / file).mkdir()
    tell(simple.mistake(), file=file, path="", words="cannot be read|directory")


def test_a_link_in_a_loop(simple, tell):
    path = simple.root / "net" / "network.yaml"
    path.unlink()
    path.symlink_to("network.yaml")
    tell(simple.mistake(), file="network.yaml", path="", words="cannot be read")


@pytest.mark.parametrize(
    ("file", "old", "new", "path", "words"),
    [
        (
            "crypto-config.yaml",
            "    EnableNodeOUs: true\n",
            "    EnableNodeOUs: true\n    Domain: other.nl\n",
            "OrdererOrgs[0].Domain",
            "the key `Domain` is here twice|line 7",
        ),
        (
            "network.yaml",
            "  systemChannelID:",
            "  on: true\n  systemChannelID:",
            "network.on",
            'YAML takes the key `on` for a boolean|in quotes: "on"',
        ),
        (
            "network.yaml",
            "  systemChannelID:",
            "  1: true\n  systemChannelID:",
            "network.1",
            "YAML takes the key `1` for a number",
        ),
        (
            "network.yaml",
            "  systemChannelID:",
            "  [a]: true\n  systemChannelID:",
            "network",
            "a key is a list or a mapping",
        ),
        (
            "network.yaml",
            "testchainid",
            "no",
            "network.systemChannelID",
            'YAML takes `no` for a boolean|in quotes: "no"',
        ),
        (
            "network.yaml",
            "testchainid",
            '"test\\u202echainid"',
            "network.systemChannelID",
            "the text holds characters that cannot be printed",
        ),
        (
            "network.yaml",
            "testchainid",
            "[testchainid]",
            "network.systemChannelID",
            "a list stands where a string is expected",
        ),
        (
            "network.yaml",
            'version: "1.0"',
            "version: 1.10",
            "network.chaincodes[0].version",
            'YAML takes `1.10` for a number|write it in quotes: "1.10"',
        ),
        (
            "network.yaml",
            'version: "1.0"',
            "version: 2024-01-01",
            "network.chaincodes[0].version",
            'YAML takes `2024-01-01` for a date|write it in quotes: "2024-01-01"',
        ),
        (
            "network.yaml",
            'version: "1.0"',
            "version: !python/object 1",
            "network.chaincodes[0].version",
            "the YAML tag `!python/object` has no meaning here",
        ),
        (
            "configtx.yaml",
            "    <<: *ApplicationCapabilities",
            "    <<: V2_5",
            "Application.Capabilities",
            "`<<` merges something that is no mapping",
        ),
        (
            "configtx.yaml",
            "        Port: 7051",
            "        Port: 1:57:31",
            "Organizations[1].AnchorPeers[0].Port",
            "`1:57:31` stands where a whole number is expected",
        ),
        (
            "configtx.yaml",
            "        Port: 7051",
            "        Port: 07051",
            "Organizations[1].AnchorPeers[0].Port",
            "`07051` stands where a whole number is expected",
        ),
    ],
)
def test_what_yaml_lets_through(simple, tell, *, file, old, new, path, words):
    if "<<: V2_5" in new:
        # Without its capability the section also lacks the lifecycle, which is another mistake
        new += "\n    V2_5: true"
    simple.change(file, old, new)
    # What cannot be printed is no channel name either
    mistake = simple.mistakes()[0] if "printed" in words else simple.mistake()
    tell(mistake, file=file, path=path, words=words)


def test_a_mistake_says_its_line(simple):
    simple.change("network.yaml", "testchainid", "no")
    mistake = simple.mistake()
    assert mistake.line == 6
    assert str(mistake).startswith("net/network.yaml:6: network.systemChannelID: ")


def test_a_mistake_behind_an_alias_is_told_once(simple, tell):
    """The policy stands in one line and, by aliases, in five places."""
    simple.change("configtx.yaml", "OR('KargaMSP.admin')", "OR('KargaMSP.admin'")
    words = "a comma or a closing bracket is expected"
    path = "Organizations[1].Policies.Admins.Rule"
    tell(simple.mistake(), file="configtx.yaml", path=path, words=words)
