"""network.yaml, and how it fits the other two files."""

import pytest

FILE = "network.yaml"
COMMON = "orgs: [Karga, Nevergreen, Atlantis]\n    - name: private"
CHAINCODE = "network.chaincodes[0]"


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "  channels:",
            "  chanels: []\n  channels:",
            "network.chanels",
            "did you mean `channels`?",
        ),
        ("      orgs:", "      org: x\n      orgs:", "network.channels[0].org", "`orgs`"),
        ("\nnetwork:", "\nnetwrok: 1\nnetwork:", "netwrok", "did you mean `network`?"),
        (
            "  channels:",
            "  tlsEnabled: true\n  channels:",
            "network.tlsEnabled",
            "no effect under `network`|top level",
        ),
        (
            "          policy:",
            "          polcy: x\n          policy:",
            f"{CHAINCODE}.channels[0].polcy",
            "`policy`",
        ),
    ],
)
def test_unknown_keys(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    tell(simple.mistake(), file=FILE, path=path, words=words)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "genesisProfile: OrdererGenesis",
            "genesisProfile: OrderGenesis",
            "network.genesisProfile",
            "no profile `OrderGenesis`|did you mean `OrdererGenesis`?",
        ),
        ("  systemChannelID: testchainid\n", "", "network", "`systemChannelID` is missing"),
        ("ID: testchainid", "ID: Test_Chain", "network.systemChannelID", "is no channel name"),
        (
            "ID: testchainid",
            "ID: common",
            "network.channels[0].name",
            "`common` is the name of the system channel",
        ),
        (
            "- name: private-karga-atlantis",
            "- name: common",
            "network.channels[1].name",
            "the channel `common` is there twice, first as network.channels[0].name",
        ),
        ("- name: private-", "- nmae: private-", "network.channels[1]", "`name` is missing"),
        ("- name: private-", "- name: Private-", "network.channels[1].name", "is no channel name"),
        ("- name: private-", "- name: 1private-", "network.channels[1].name", "lower-case letter"),
        ("- name: private-", f"- name: {'x' * 250}-", "network.channels[1].name", "less than 250"),
        (
            "- name: private-karga-atlantis\n      orgs",
            "- name: private-karga\n      orgs",
            "network.channels[1].name",
            "no profile `private-karga` for this channel|has the channel's name",
        ),
        (
            COMMON,
            COMMON.replace("Nevergreen", "Valhala"),
            "network.channels[0].orgs[1]",
            "`Valhala` is no organization of crypto-config.yaml",
        ),
        (
            COMMON,
            COMMON.replace("Nevergreen", "Nevergren"),
            "network.channels[0].orgs[1]",
            "did you mean `Nevergreen`?",
        ),
        (
            COMMON,
            COMMON.replace("Nevergreen", "Groeifabriek"),
            "network.channels[0].orgs[1]",
            "`Groeifabriek` of crypto-config.yaml is not among its `PeerOrgs`",
        ),
        (
            COMMON,
            COMMON.replace("Nevergreen", "Karga"),
            "network.channels[0].orgs[1]",
            "`Karga` is in this list twice",
        ),
        (
            "      orgs: [Karga, Atlantis]",
            "      orgs: [Karga, Nevergreen, Atlantis]",
            "network.channels[1].orgs[1]",
            "`Nevergreen` is no organization of the profile `private-karga-atlantis`",
        ),
        (
            COMMON,
            COMMON.replace("[Karga, Nevergreen, Atlantis]", "[]"),
            "network.channels[0].orgs",
            "no organization joins the channel",
        ),
        (
            COMMON,
            COMMON.replace("[Karga, Nevergreen, Atlantis]", "Karga"),
            "network.channels[0].orgs",
            "`Karga` stands where a list is expected",
        ),
        (
            COMMON,
            COMMON.replace("Nevergreen", "no"),
            "network.channels[0].orgs[1]",
            'write it in quotes: "no"',
        ),
        (
            "      orgs: [Karga, Atlantis]",
            "      orgs: [Karga, Atlantis]\n      externalOrgs: [Pivt]",
            "network.channels[1].externalOrgs[0]",
            "`Pivt` is no organization of crypto-config.yaml",
        ),
    ],
)
def test_channels(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    told = [each for each in simple.mistakes() if each.path == path and "built" not in str(each)]
    assert told, simple.mistakes()
    tell(told[0], file=FILE, path=path, words=words)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "- name: very-simple",
            "- name: very_simple",
            "name",
            "`very_simple` is no chaincode name",
        ),
        ("- name: very-simple", "- name: very--simple", "name", "is no chaincode name"),
        ("- name: very-simple", "- name: ../very-simple", "name", "is no chaincode name"),
        ("- name: very-simple", "- name: lscc", "name", "`lscc` is one of Fabric's own chaincodes"),
        (
            "- name: very-simple",
            f"- name: {'x' * 31}",
            "name",
            "64 characters|63|make it 1 shorter",
        ),
        ("- name: very-simple", "- title: very-simple", "", "`name` is missing"),
        ("- name: very-simple", "- name: absent", "name", "no folder chaincode/absent|`image`"),
        ('version: "1.0"', 'version: "1.0 beta"', "version", "`1.0 beta` is no chaincode version"),
        ('version: "1.0"', "language: go", "language", "no chaincode language `go`|`golang`"),
        ('version: "1.0"', "language: cobol", "language", "`golang`, `java`, `node`"),
        (
            'version: "1.0"',
            "language: node",
            "language",
            "chaincode/very-simple holds no package.json",
        ),
        ('version: "1.0"', "image: 'Not An Image'", "image", "`Not An Image` is no image"),
        ('version: "1.0"', "application: []", "application", "`application` is not built yet"),
        (
            "        - name: common",
            "        - name: comon",
            "channels[0].name",
            "no channel `comon`|did you mean `common`?",
        ),
        ("        - name: common", "        - title: common", "channels[0]", "`name` is missing"),
        (
            "          orgs: [Karga, Nev",
            "          orgs: [Pivt, Nev",
            "channels[0].orgs[0]",
            "`Pivt` is no organization",
        ),
        (
            "          orgs: [Karga, Nevergreen, Atlantis]",
            "          orgs: []",
            "channels[0].orgs",
            "no organization runs the chaincode here",
        ),
        (
            "organizations\n      orgs: [Karga, Nevergreen, Atlantis]",
            "organizations\n      orgs:",
            "orgs",
            "the chaincode is installed nowhere",
        ),
        (
            "organizations\n      orgs: [Karga, Nevergreen, Atlantis]",
            "organizations\n      orgs: [Karga]",
            "channels[0].orgs[1]",
            "`very-simple` is not installed on the peers of `Nevergreen`",
        ),
        (
            "OR('KargaMSP.member','N",
            "OR('KargaSMP.member','N",
            "channels[0].policy",
            "`KargaSMP` is the MSP ID of no member of the channel `common`|`KargaMSP`",
        ),
        (
            "OR('KargaMSP.member','N",
            "OR('GroeifabriekMSP.peer','N",
            "channels[0].policy",
            "`GroeifabriekMSP` is the MSP ID of no member",
        ),
        (
            "OR('KargaMSP.member','N",
            "OR('KargaMSP.member' 'N",
            "channels[0].policy",
            "a comma or a closing bracket",
        ),
        (
            "policy: OR('KargaMSP.member','NevergreenMSP.member','AtlantisMSP.member')",
            "policy: ANY Endorsement",
            "channels[0].policy",
            "not a signature policy",
        ),
    ],
)
def test_chaincodes(simple, tell, *, old, new, path, words):
    simple.change(FILE, old, new)
    full_path = f"{CHAINCODE}.{path}".rstrip(".")
    told = [mistake for mistake in simple.mistakes() if mistake.path == full_path]
    assert told, simple.mistakes()
    tell(told[0], file=FILE, path=full_path, words=words)


def test_a_chaincode_runs_where_its_organizations_joined(simple, tell):
    simple.change(
        FILE,
        "orgs: [Karga, Atlantis]\n      channels",
        "orgs: [Karga, Nevergreen, Atlantis]\n      channels",
    )
    simple.change(FILE, "          orgs: [Karga, Atlantis]", "          orgs: [Nevergreen]")
    path = "network.chaincodes[1].channels[0].orgs[0]"
    words = "`Nevergreen` does not join the channel `private-karga-atlantis`"
    tell(simple.mistake(), file=FILE, path=path, words=words)


def test_names_that_are_the_same_in_lower_case(simple, tell):
    (simple.root / "chaincode" / "Very-Simple").mkdir()
    (simple.root / "chaincode" / "Very-Simple" / "go.mod").touch()
    simple.change(FILE, "- name: even-simpler", "- name: Very-Simple")
    words = "the chaincode `Very-Simple` is there twice, first as network.chaincodes[0].name"
    tell(simple.mistake(), file=FILE, path="network.chaincodes[1].name", words=words)


def test_a_chaincode_twice_on_a_channel(simple, tell):
    again = "        - {name: common, orgs: [Karga]}\n        - name: common\n"
    simple.change(FILE, "        - name: common\n", again)
    path = f"{CHAINCODE}.channels[1].name"
    tell(simple.mistake(), file=FILE, path=path, words="the channel `common` is there twice")


def test_versions_for_all_chaincodes(simple, tell):
    simple.change(FILE, "\nnetwork:", "\nchaincode: {version: 1.10, langauge: x}\nnetwork:")
    version, language = simple.mistakes()
    tell(version, file=FILE, path="chaincode.version", words='in quotes: "1.10"')
    words = "did you mean `chaincode.language`?"
    tell(language, file=FILE, path="chaincode.langauge", words=words)


def test_source_without_a_language(simple, tell):
    (simple.root / "chaincode" / "very-simple" / "go.mod").unlink()
    words = "the language of the source in chaincode/very-simple is unknown|go.mod"
    tell(simple.mistake(), file=FILE, path=f"{CHAINCODE}.name", words=words)


def test_golang_without_go_mod(simple, tell):
    (simple.root / "chaincode" / "very-simple" / "go.mod").unlink()
    simple.change(FILE, 'version: "1.0"', "language: golang")
    words = "the language is `golang`, and chaincode/very-simple holds no go.mod"
    tell(simple.mistake(), file=FILE, path=f"{CHAINCODE}.language", words=words)


def test_java_without_a_build_file(simple, tell):
    simple.change(FILE, 'version: "1.0"', "language: java")
    words = "the language is `java`, and chaincode/very-simple holds no pom.xml or build.gradle"
    tell(simple.mistake(), file=FILE, path=f"{CHAINCODE}.language", words=words)


@pytest.mark.parametrize("target", ["../even-simpler", "/etc/hostname", "loop"])
def test_links_that_leave_the_chaincodes_folder(simple, tell, target):
    sub = simple.root / "chaincode" / "very-simple" / "lib"
    sub.mkdir()
    (sub / "loop").symlink_to(f"../{target}" if target.startswith("..") else target)
    words = "the link chaincode/very-simple/lib/loop leads out of the chaincode's folder"
    tell(simple.mistake(), file=FILE, path=f"{CHAINCODE}.name", words=words)


def test_links_within_the_chaincodes_folder_are_fine(simple):
    (simple.root / "chaincode" / "very-simple" / "link.mod").symlink_to("go.mod")
    simple.load()


def test_a_file_without_network(simple, tell):
    simple.write(FILE, b"tlsEnabled: false\n")
    told = {mistake.problem: mistake for mistake in simple.mistakes()}
    tell(told["`network` is missing"], file=FILE, path="", words="`network:`")


@pytest.mark.parametrize(
    ("values", "path", "words"),
    [
        ("tlsEnabled: perhaps", "tlsEnabled", "`perhaps`|`true` or `false`"),
        ("hyperledgerVersion: 1.4.9", "hyperledgerVersion", "the setting `hlf:fabricVersion`"),
        ("hostAliases: []", "hostAliases", "PIVT's `hostAliases` has no effect|one `pulumi up`"),
        ("persistence: {storageClass: x}", "persistence", "`hlf:pods`"),
        (
            "peer: {persistence: {enabled: true}}",
            "peer.persistence",
            "volumes are always there|`hlf:pods`",
        ),
        ("couchdb: {persistence: {size: 1Gi}}", "couchdb.persistence", "`hlf:pods`"),
        ("peer: {docker: {dind: {enabled: true}}}", "peer.docker", "no Docker is needed"),
        ("peer: {persistance: {}}", "peer.persistance", "did you mean `peer.persistence`?"),
        ("peer: large", "peer", "a group of PIVT's values"),
        ("orderer: {replicas: 2}", "orderer.replicas", "`Specs` of crypto-config.yaml"),
        ("orderer: {cluster: {enabled: true}}", "orderer.cluster", "a port for their cluster"),
        ("hlf-kafka: {enabled: true}", "hlf-kafka", "the orderer type is `kafka`|`hlf:pods`"),
        ("peer: {metrics: {enabled: true}}", "peer.metrics", "on port 9443"),
        ("orderer: {operations: {enabled: true}}", "orderer.operations", "on port 8443"),
        ("couchdb: {version: 0.4.15}", "couchdb.version", "`hlf:stateDatabase`|`hlf:pods`"),
        ("couchdb: {password: secret}", "couchdb.password", "a password of its own"),
        ("backup: {enabled: true}", "backup.enabled", "the setting `hlf:backup` says it now"),
        ("backup: {key: a}", "backup.key", "`hlf:backup.key`|`hlf:restoreFrom`"),
        (
            "backup: {target: {azureBlobStorage: {accountName: a}}}",
            "backup.target.azureBlobStorage.accountName",
            "`hlf:backup.credentials`|`AZURE_STORAGE_ACCOUNT_NAME`",
        ),
        (
            "backup: {target: {azureBlobStorage: {accessKey: a}}}",
            "backup.target.azureBlobStorage.accessKey",
            "`hlf:backup.credentials`|`AZURE_STORAGE_ACCOUNT_KEY`",
        ),
        (
            "backup: {target: {azureBlobStorage: {containerName: a}}}",
            "backup.target.azureBlobStorage.containerName",
            "`hlf:backup.store`|`az://hlf-backup/dev`",
        ),
        ("backup: {target: {s3: {}}}", "backup.target.s3", "`backup.target.s3` is not known"),
        ("restore: {enabled: true}", "restore", "the setting `hlf:restoreFrom`"),
        ("peer: {backup: {enabled: true}}", "peer.backup", "the setting `hlf:backup`|all nodes"),
        ("couchdb: {restore: {enabled: true}}", "couchdb.restore", "`hlf:restoreFrom`"),
        ("externalOrderer: {enabled: true}", "externalOrderer", "not built yet"),
        ("chaincode: {include: [very-simple]}", "chaincode.include", "`network.chaincodes`"),
        ("""chaincode: {ctor: '{"Args":[""]}'}""", "chaincode.ctor", "a `ctor` of its own"),
        ("retryCount: 20", "retryCount", "PIVT's `retryCount` has no effect|is waited for"),
        ("logLevel: debug", "logLevel", "`pulumi up`'s own|`hlf:pods`"),
        ("argo: {serviceAccountName: argo}", "argo", "no Argo is needed"),
        ("update: {scope: application}", "update", "into configtx.yaml"),
        ("applications: [{name: digibank}]", "applications", "not built yet"),
        ("flow: {chaincode: {include: [a]}}", "flow.chaincode", "`pulumi up`|`--target`"),
        ("flow: {channel: {parallel: true}}", "flow.channel", "for all at once"),
        ("flow: {invoke: {enabled: false}}", "flow.invoke", "has `invoke` for it"),
        ("flow: {sendUpdate: {channel: {enabled: false}}}", "flow.sendUpdate", "not built yet"),
        (
            "flow: {peer: {backup: {enabled: true}}}",
            "flow.peer",
            "the settings `hlf:backup` and `hlf:restoreFrom` say it now",
        ),
        ("flow: {chanel: {}}", "flow.chanel", "did you mean `flow.channel`?"),
        ("colour: red", "colour", "the key `colour` is not known"),
    ],
)
def test_values_of_pivts_charts(simple, tell, values, path, words):
    simple.change(FILE, "\nnetwork:", f"\n{values}\nnetwork:")
    tell(simple.mistake(), file=FILE, path=path, words=words)


def test_values_that_are_off_are_fine(simple):
    simple.change(FILE, "\nnetwork:", "\ntlsEnabled: false\nuseActualDomains: no\nnetwork:")
    network = simple.load()
    assert (network.tls, network.actual_domains) == (False, False)
