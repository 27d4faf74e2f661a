"""The three files side by side, and how they refer to each other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hlf.spec.configtx import Configtx, Profile
from hlf.spec.crypto_config import CryptoConfig, OrgEntry
from hlf.spec.network_yaml import ChannelEntry, NetworkYaml
from hlf.spec.organizations import OrganizationEntry


@dataclass(frozen=True, kw_only=True, eq=False)
class Files:
    """The three files, each read on its own."""

    crypto_config: CryptoConfig
    configtx: Configtx
    network: NetworkYaml

    @property
    def genesis(self) -> Profile | None:
        """The profile of the system channel."""
        name = self.network.genesis_profile
        return self.configtx.profiles.get(name.text) if name else None

    @property
    def without_system_channel(self) -> bool:
        """Whether channels are made by orderers that join them (Fabric's participation API)."""
        return self.network.genesis_profile is None

    @property
    def channels(self) -> Iterator[tuple[ChannelEntry, Profile]]:
        """The channels that have a profile, which has the channel's name.

        What such a profile does not say is as in the system channel, if there is one: from that
        Fabric makes the channel (`orderer/common/msgprocessor`, `NewChannelConfig`).
        """
        genesis = self.genesis
        for channel in self.network.channels:
            profile = self.configtx.profiles.get(channel.name.text)
            if profile and genesis:
                profile = replace(
                    profile,
                    orderer=profile.orderer or genesis.orderer,
                    policies=profile.policies or genesis.policies,
                    capabilities=profile.capabilities or genesis.capabilities,
                )
            if profile:
                yield channel, profile

    @property
    def profiles(self) -> Iterator[Profile]:
        """The profiles that network.yaml uses."""
        if self.genesis:
            yield self.genesis
        for _, profile in self.channels:
            yield profile

    @property
    def organizations(self) -> Iterator[OrganizationEntry]:
        """The organizations of configtx.yaml: the listed ones, and those of the used profiles."""
        yield from self.configtx.organizations
        for profile in self.profiles:
            yield from organizations_of(profile)

    def org(self, organization: OrganizationEntry) -> OrgEntry | None:
        """The organization of crypto-config.yaml whose MSP folder this one names."""
        for org in self.crypto_config.orgs:
            domain = org.domain.text if org.domain else None
            if (org.kind, domain) == (organization.kind, organization.domain):
                return org
        return None

    def peer_org(self, name: str, *, external: bool = False) -> OrgEntry | None:
        """The peer organization of crypto-config.yaml with this name."""
        for org in self.crypto_config.orgs:
            if (org.kind, org.external, org.name.text) == ("peer", external, name):
                return org
        return None


def organizations_of(profile: Profile) -> Iterator[OrganizationEntry]:
    """Every organization of a profile, whatever its part."""
    if profile.application:
        yield from profile.application.organizations
    if profile.orderer:
        yield from profile.orderer.organizations
    for organizations in (profile.consortiums or {}).values():
        yield from organizations
