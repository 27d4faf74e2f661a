"""What is allowed and hardly meant: sentences for the user, in the form of mistakes.

A network comes up with all of it; whoever loads the files decides whether to show them.
"""

from hlf.spec.files import Files


def of(files: Files) -> tuple[str, ...]:
    """Every warning, once, in the order of the profiles."""
    found: dict[tuple[object, int], str] = {}
    for profile in files.profiles:
        orderer = profile.orderer
        if orderer is None or orderer.type != "etcdraft":
            continue
        count, at = len(orderer.consenters), orderer.raft_at or orderer.at
        if count % 2 == 0:
            sentence = at.sentence(
                f"{count} consenters of Raft bear no more failures than {count - 1}, and more of "
                "them must agree",
                "use an odd number",
            )
            found.setdefault((at.file, at.item.line), str(sentence))
    return tuple(found.values())
