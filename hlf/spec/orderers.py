"""What the `Orderer` section of a profile in use must say of the orderers there are.

Follows configtxgen and running orderers (`orderer/consensus/etcdraft/util.go`,
`common/channelconfig/orderer.go`), and goes further where they let something through that cannot
work: an address that no orderer has, a consenter that another one's certificate is given for.
"""

from hlf import names
from hlf.spec import consenters, ordering, rules
from hlf.spec.consenters import ConsenterEntry
from hlf.spec.errors import suggest
from hlf.spec.files import Files
from hlf.spec.model import Node
from hlf.spec.ordering import OrdererEntry
from hlf.spec.reader import Word


def check(files: Files, orderer: OrdererEntry) -> None:
    """Tell the mistakes of a section that is used."""
    ordering.check_type(orderer)
    if not orderer.organizations:
        orderer.at.tell("the ordering service has no organizations", "list them, as orderers' own")
    nodes = [node for org in files.crypto_config.own("orderer") for node in org.nodes]
    if orderer.type == "solo" and len(nodes) > 1:
        orderer.type_at.tell(
            f"`solo` is a single orderer, and crypto-config.yaml has {len(nodes)}",
            "use `etcdraft`, or take the others out",
        )
    endpoints = [word for each in orderer.organizations for word in each.orderer_endpoints]
    if not orderer.addresses and not endpoints:
        orderer.at.tell(
            "there is no address of an orderer, so that peers could not find one",
            "list the orderers under their organizations' `OrdererEndpoints`, or under `Addresses` "
            "where the channel has no capability `V3_0`",
        )
    if not all(org.nodes for org in files.crypto_config.orgs if org.kind == "orderer"):
        return
    hosts = _hosts(files)
    for word in (*orderer.addresses, *endpoints):
        _check_address(word, hosts)
    _check_consenters(files, orderer)


def _hosts(files: Files) -> list[str]:
    """How orderers can be reached: by Service, or by their own domains."""
    hosts: list[str] = []
    for org in files.crypto_config.orgs:
        if org.kind != "orderer":
            continue
        if org.external or files.network.actual_domains:
            hosts += [node.fqdn for node in org.nodes]
        else:
            hosts += [names.orderer(node.org, node.host) for node in org.nodes]
            hosts.append(names.org_orderers(org.name.text))
    return hosts if files.network.actual_domains else [*hosts, names.ORDERER_LB]


def _check_address(word: Word, hosts: list[str]) -> None:
    address = rules.address(word)
    if address is None:
        return
    host, port = address
    if host not in hosts:
        word.at.tell(f"`{host}` is no orderer of crypto-config.yaml", suggest(host, hosts))
    elif port != names.ORDERER_PORT:
        word.at.tell(f"no orderer listens on port {port}", f"write {names.ORDERER_PORT}")


def _check_consenters(files: Files, orderer: OrdererEntry) -> None:
    nodes = consenters.orderers(files.crypto_config)
    seen: dict[Node, str] = {}
    for consenter in orderer.consenters:
        node = consenters.node_of(consenter, nodes)
        if node is None:
            continue
        other = seen.setdefault(node, consenter.address)
        if other != consenter.address:
            consenter.at.tell(
                f"`{node.fqdn}` is a consenter already, as `{other}`", "take one of them out"
            )
        _check_host(files, consenter, node)
        _check_port(files, consenter)
        _check_organization(files, orderer, consenter, node)


def _check_host(files: Files, consenter: ConsenterEntry, node: Node) -> None:
    """The other consenters connect to the host by TLS, so its certificate must be for it."""
    host, service = consenter.host.text, names.orderer(node.org, node.host)
    if not consenters.is_named(host, node):
        consenter.host.at.tell(
            f"`{host}` is no name of the orderer `{node.fqdn}` whose certificates these are, so "
            "that TLS connections to it would fail",
            suggest(host, consenters.tls_names(node)),
        )
        return
    external = any(org.external and org.name.text == node.org for org in files.crypto_config.orgs)
    resolves = external or files.network.actual_domains
    if host in (node.fqdn, node.host) and host not in node.sans and not resolves:
        consenter.host.at.tell(
            f"`{host}` resolves only with `useActualDomains`", f"write `{service}`"
        )


def _check_port(files: Files, consenter: ConsenterEntry) -> None:
    """Members of a cluster speak TLS, on a port of its own where the one for clients has none."""
    wanted = names.ORDERER_PORT if files.network.tls else names.ORDERER_CLUSTER_PORT
    if consenter.port != wanted:
        how = "with" if files.network.tls else "without"
        consenter.at.tell(
            f"no orderer listens for its cluster on port {consenter.port} {how} `tlsEnabled`",
            f"write {wanted}",
        )


def _check_organization(
    files: Files, orderer: OrdererEntry, consenter: ConsenterEntry, node: Node
) -> None:
    """Its organization is in the channel, by which its certificates are verified."""
    for organization in orderer.organizations:
        org = files.org(organization)
        if org is None or org.name.text != node.org:
            continue
        if consenter.msp_id and consenter.msp_id.text != organization.msp_id.text:
            consenter.msp_id.at.tell(
                f"`{consenter.msp_id.text}` is not the MSP ID of `{node.org}`, whose orderer this "
                "is",
                f"write `{organization.msp_id.text}`",
            )
        return
    consenter.at.tell(
        f"this is an orderer of `{node.org}`, which is no organization of this `Orderer`",
        "add it under `Organizations`, or take the consenter out",
    )
