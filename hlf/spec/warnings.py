"""What is allowed and hardly meant: sentences for the user, in the form of mistakes.

A network comes up with all of it; whoever loads the files decides whether to show them.
"""

from collections.abc import Iterator

from hlf.spec.errors import Mistake
from hlf.spec.files import Files
from hlf.spec.ordering import OrdererEntry


def of(files: Files) -> tuple[str, ...]:
    """Every warning, once, in the order of the profiles."""
    sections = [profile.orderer for profile in files.profiles if profile.orderer]
    once: dict[tuple[str, int | None, str], str] = {}
    for section in sections:
        for each in (*_raft(section), *_bft(section)):
            once.setdefault((each.file, each.line, each.problem), str(each))
    return tuple(once.values())


def _raft(orderer: OrdererEntry) -> Iterator[Mistake]:
    count = len(orderer.raft_consenters)
    if orderer.type == "etcdraft" and count % 2 == 0:
        yield (orderer.raft_at or orderer.at).sentence(
            f"{count} consenters of Raft bear no more failures than {count - 1}, and more of them "
            "must agree",
            "use an odd number",
        )


def _bft(orderer: OrdererEntry) -> Iterator[Mistake]:
    """Fabric's sample configuration asks for an endpoint of each consenter.

    From endpoints an orderer that was away has blocks, and a peer finds that one withholds some.
    """
    if orderer.type != "BFT":
        return
    endpoints = {
        word.text.lower() for each in orderer.organizations for word in each.orderer_endpoints
    }
    lacking = [each.address for each in orderer.bft_consenters if each.address not in endpoints]
    if lacking:
        named = ", ".join(f"`{address}`" for address in lacking)
        yield (orderer.bft_at or orderer.at).sentence(
            f"no `OrdererEndpoints` name the consenters {named}, so that neither peers nor other "
            "orderers can compare what each of them delivers",
            "list every consenter among the endpoints of its organization",
        )
