"""Settings that are wrong."""

import pytest

from hlf.spec import SpecError, load


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"keepDta": True}, "hlf:keepDta", "no setting|did you mean `keepData`?"),
        ({"colour": "red"}, "hlf:colour", "no setting `colour`|there is `backup`"),
        ({"namespace": "My_Space"}, "hlf:namespace", "`My_Space` is no name of a namespace"),
        ({"namespace": "a" * 64}, "hlf:namespace", "no name of a namespace|63"),
        ({"namespace": "a.b"}, "hlf:namespace", "`a.b` is no name of a namespace"),
        ({"namespace": "kube-system"}, "hlf:namespace", "belongs to Kubernetes itself"),
        ({"namespace": 7}, "hlf:namespace", '`7` is no string|in quotes: "7"'),
        ({"namespace": "a\0b"}, "hlf:namespace", "characters that cannot be printed"),
        ({"namespace": " "}, "hlf:namespace", "the value is empty"),
        ({"fabricVersion": "1.4.9"}, "hlf:fabricVersion", "`1.4.9` is no Fabric version|2.5.9"),
        ({"fabricVersion": "2.5"}, "hlf:fabricVersion", "`2.5` is no Fabric version|in full"),
        ({"fabricVersion": "latest"}, "hlf:fabricVersion", "no Fabric version"),
        ({"stateDatabase": "couchdb"}, "hlf:stateDatabase", "did you mean `CouchDB`?"),
        ({"keepData": "yes"}, "hlf:keepData", "`yes` is neither true nor false"),
        (
            {"raiseApplicationCapability": "V1_4_2"},
            "hlf:raiseApplicationCapability",
            "`V1_4_2` is no Application capability to raise channels to|write `V2_0` or `V2_5`",
        ),
        ({"raiseApplicationCapability": True}, "hlf:raiseApplicationCapability", "is no string"),
        ({"protect": 1}, "hlf:protect", "`1` is neither true nor false"),
        ({"network": "nowhere"}, "hlf:network", "there is no folder nowhere"),
        ({"network": "a" * 5000}, "hlf:network", "there is no folder"),
    ],
)
def test_a_wrong_setting(simple, tell, settings, path, words):
    tell(simple.mistake(**settings), file="Pulumi.dev.yaml", path=path, words=words)


def test_fabric_3_0_is_not_built(raft, tell):
    words = "Fabric 3.0.0 is not built yet|`2.5.9` or `3.1.1`"
    told = raft.mistake(fabricVersion="3.0.0")
    tell(told, file="Pulumi.dev.yaml", path="hlf:fabricVersion", words=words)


def test_a_stack_whose_name_is_no_namespace(simple):
    settings = {"network": "net", "chaincode": "chaincode"}
    with pytest.raises(SpecError) as caught:
        load(settings, root=simple.root, stack="Team_A")
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.path) == ("Pulumi.Team_A.yaml", "hlf:namespace")
    assert mistake.problem == "`Team_A`, the name of the stack, is no name of a namespace"


def test_a_missing_folder_of_chaincodes_is_told_with_the_chaincodes(simple, tell):
    mistakes = simple.mistakes(chaincode="nowhere")
    assert len(mistakes) == 2
    for index, name in enumerate(["very-simple", "even-simpler"]):
        tell(
            mistakes[index],
            file="network.yaml",
            path=f"network.chaincodes[{index}].name",
            words=f"there is no folder nowhere/{name}|hlf:chaincode",
        )
