"""What this version cannot bring up yet, although it is right; shrinks as things are built.

All of it is checked like the rest, so that whoever waits for a thing to be built, or takes it out,
has no further surprise.
"""

from hlf.spec import pivt_values
from hlf.spec.configtx import Configtx
from hlf.spec.crypto_config import CryptoConfig
from hlf.spec.errors import Mistake, Mistakes
from hlf.spec.model import Settings
from hlf.spec.network_yaml import NetworkYaml
from hlf.spec.reader import Reader

_FABRIC = ("2.5.", "3.1.")


def check_settings(settings: Settings, *, file: str, mistakes: Mistakes) -> None:
    """Settings; `file` holds them."""

    def tell(path: str, what: str, remedy: str) -> None:
        problem = f"{what} is not built yet"
        mistakes.tell(Mistake(file=file, path=path, problem=problem, remedy=remedy))

    if not settings.fabric_version.startswith(_FABRIC):
        tell("hlf:fabricVersion", f"Fabric {settings.fabric_version}", "write `2.5.9` or `3.1.1`")


def check_crypto_config(crypto_config: CryptoConfig) -> None:
    """Organizations that run elsewhere, and certificates with more than the usual in them."""
    for org in crypto_config.orgs:
        if org.external:
            _tell(org.name.at, f"an organization that runs elsewhere (`{org.name.text}`)")
        for at in org.refinements:
            key = at.path.rpartition("].")[2]
            _tell(at, f"`{key}`")
    if not crypto_config.own("orderer"):
        crypto_config.at.tell(
            "a network without orderers of its own is not built yet",
            "add an organization to `OrdererOrgs`",
        )


def check_network(network: NetworkYaml) -> None:
    """What network.yaml may say and this version does not do."""
    for channel in network.channels:
        for word in channel.external_orgs:
            _tell(word.at, f"an organization that runs elsewhere (`{word.text}`)")
    for chaincode in network.chaincodes:
        if chaincode.application:
            _tell(chaincode.application, "a chaincode's `application`")
    pivt_values.refuse(network.chart_values)
    pivt_values.refuse(network.chart_chaincode, prefix="chaincode")


def check_configtx(configtx: Configtx) -> None:
    """Organizations that configtxgen would leave empty."""
    for organization in configtx.organizations:
        if organization.foreign:
            _tell(organization.foreign, "`SkipAsForeign`")


def _tell(at: Reader, what: str) -> None:
    at.tell(f"{what} is not built yet", "take it out")
