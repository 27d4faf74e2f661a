"""A whole Fabric network: the order in which everything comes up, and who depends on whom."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pulumi
from pulumi_kubernetes import Provider
from pulumi_kubernetes.core.v1 import ConfigMap, Secret

from actions.backup import Backup
from actions.claim import Claim
from actions.genesis import BLOCK, Genesis
from actions.restore import Restore, RestoredKeys
from actions.rollout import Rollout
from components import orderer_org, peer_org, reach
from components.backup import Backups
from components.channels import Channels
from components.described import described
from components.host_aliases import HostAliases, host_aliases
from components.kafka import Kafka
from components.node import RunningNode, budget, digest_of, service
from components.orderer_org import OrdererOrg
from components.organization import Organization
from components.peer_org import PeerOrg
from components.shape import shape
from components.site import Site
from components.volumes import volumes
from hlf import names
from hlf.config.plain import to_plain
from hlf.spec import model


class Network(pulumi.ComponentResource):
    """`hlf:network:Network`."""

    backup: Backup | None
    """The one that this stack has made, if it makes any itself."""

    def __init__(
        self,
        network: model.Network,
        *,
        owner: str,
        context: str | None,
        settings: Mapping[str, object],
    ) -> None:
        """Make it; `settings` are the stack's as they are written, without secrets."""
        super().__init__("hlf:network:Network", network.settings.namespace)
        self._network = network
        self._site = self._claim(owner, context)
        backups = self._backups(owner, settings)
        if backups:
            self._site = self._restore_keys(backups)
        self._organizations = {
            **self._make_organizations(
                network.orderer_orgs, tls_in_msp=network.tls or self._site.own_cluster_port
            ),
            **self._make_organizations(network.peer_orgs, tls_in_msp=network.tls),
        }
        nodes = self._start_nodes()
        rollout = Rollout(
            "nodes",
            nodes={node.name: node.digest for node in nodes},
            access=reach.access(
                network, self._site.namespace, members=network.peer_orgs, admins=network.orgs
            ),
            opts=self._site.passing(
                self,
                depends_on=[
                    *(node.stateful_set for node in nodes),
                    *(self._organizations[org.name].admin for org in network.orgs),
                ],
            ),
        )
        channels = Channels(
            network,
            site=self._site,
            organizations=self._organizations,
            after=self._restore(backups, rollout) if backups else rollout,
            parent=self,
        )
        self.backup = self._back_up(backups, channels) if backups else None
        self.register_outputs({})

    def _claim(self, owner: str, context: str | None) -> Site:
        """Have the namespace, and after it what makes manifests there."""
        settings = self._network.settings
        unclaimed = Site(
            namespace=pulumi.Output.from_input(settings.namespace),
            settings=settings,
            tls=self._network.tls,
            actual_domains=self._network.actual_domains,
            system_channel=self._network.system_channel is not None,
            kafka=self._network.orderer_type == "kafka",
            own_cluster_port=self._network.is_cluster and not self._network.tls,
        )
        claim = Claim(
            settings.namespace,
            namespace=settings.namespace,
            owner=owner,
            shape=shape(self._network),
            volumes=volumes(self._network),
            restore_from=settings.restore_from,
            opts=unclaimed.lasting(self),
        )
        provider = Provider(
            "kubernetes",
            context=context,
            # otherwise a changed one is deleted first, under the pods that mount it
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            # so that a context that is refused is not in the state, where `destroy` would take it
            opts=pulumi.ResourceOptions(depends_on=[claim]),
        )
        return replace(unclaimed, namespace=claim.namespace, provider=provider)

    def _backups(self, owner: str, settings: Mapping[str, object]) -> Backups | None:
        backup = self._network.settings.backup
        if backup is None:
            return None
        return Backups(
            backup,
            described=described(self._network, owner=owner, settings=settings),
            site=self._site,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _restore_keys(self, backups: Backups) -> Site:
        """Have the keys of a backup, if one is to be restored, before anything is made of keys."""
        key = self._network.settings.restore_from
        if key is None:
            return self._site
        restored = RestoredKeys(
            "restored-keys",
            namespace=self._site.namespace,
            key=key,
            opts=self._site.passing(self, depends_on=[backups]),
        )
        return replace(self._site, namespace=restored.namespace)

    def _restore(self, backups: Backups, rollout: Rollout) -> pulumi.Resource:
        """Put a backup into the nodes' volumes, if one is to be restored."""
        key = self._network.settings.restore_from
        if key is None:
            return rollout
        return Restore(
            "restore",
            namespace=self._site.namespace,
            key=key,
            opts=self._site.passing(self, depends_on=[backups, rollout]),
        )

    def _back_up(self, backups: Backups, channels: Channels) -> Backup | None:
        """Make one backup of the whole network, unless only a schedule asks for them.

        One that nobody gave a key does not stop a network that has just been restored, either.
        """
        asked_for = backups.settings.key is not None
        by_itself = (
            backups.settings.schedule is None and self._network.settings.restore_from is None
        )
        if not asked_for and not by_itself:
            return None
        return Backup(
            "backup",
            namespace=self._site.namespace,
            key=backups.settings.key,
            store=backups.settings.store,
            claim=backups.settings.claim,
            restored=self._network.settings.restore_from,
            opts=self._site.passing(self, depends_on=[backups, *channels.made]),
        )

    def _make_organizations(
        self, orgs: Iterable[model.Org], *, tls_in_msp: bool
    ) -> dict[str, Organization]:
        opts = pulumi.ResourceOptions(parent=self)
        return {
            org.name: Organization(org, site=self._site, tls_in_msp=tls_in_msp, opts=opts)
            for org in orgs
        }

    def _start_nodes(self) -> list[RunningNode]:
        orderer_orgs = [
            OrdererOrg(self._organizations[org.name], site=self._site)
            for org in self._network.orderer_orgs
        ]
        peer_orgs = [
            PeerOrg(self._organizations[org.name], site=self._site)
            for org in self._network.peer_orgs
        ]
        aliases: HostAliases = ()
        if self._network.actual_domains:
            orgs = (*orderer_orgs, *peer_orgs)
            aliases = host_aliases({d: s for org in orgs for d, s in org.services.items()})
        return [
            *self._start_kafka(),
            *self._start_peers(peer_orgs, aliases),
            *self._start_orderers(orderer_orgs, aliases),
        ]

    def _start_peers(self, orgs: list[PeerOrg], aliases: HostAliases) -> list[RunningNode]:
        core = peer_org.core_of(self._network.orderer_orgs, site=self._site)
        files = {"core.yaml": core, **peer_org.BUILDER}
        config = self._config_map("peer-config", peer_org.CONFIG, files)
        digest = digest_of("".join(files.values()))
        return [node for org in orgs for node in org.start(config, aliases, digest=digest)]

    def _start_kafka(self) -> list[RunningNode]:
        if not self._site.kafka:
            return []
        return Kafka(site=self._site, opts=pulumi.ResourceOptions(parent=self)).nodes

    def _start_orderers(self, orgs: list[OrdererOrg], aliases: HostAliases) -> list[RunningNode]:
        text = orderer_org.config_of(self._site)
        config = self._config_map("orderer-config", orderer_org.CONFIG, {"orderer.yaml": text})
        system = self._network.system_channel
        secrets = [secret for org in orgs for secret in org.secrets]
        genesis = self._genesis(system, secrets) if system else None
        cluster = [self._organizations[org.name] for org in self._network.orderer_orgs]
        nodes = [
            node
            for org in orgs
            for node in org.start(config, aliases, genesis=genesis, cluster=cluster)
        ]
        service(
            "orderers",
            names.ORDERER_LB,
            orderer_org.LABELS,
            {"grpc": names.ORDERER_PORT},
            site=self._site,
            parent=self,
        )
        budget(
            "orderers",
            names.ORDERER_LB,
            orderer_org.LABELS,
            of=len(nodes),
            site=self._site,
            parent=self,
        )
        return nodes

    def _genesis(self, system: model.SystemChannel, secrets: list[Secret]) -> ConfigMap:
        genesis = Genesis(
            system.name,
            channel=system.name,
            config=to_plain(system.config),
            msps=reach.msps(self._network, system.config),
            namespace=self._site.namespace,
            opts=self._site.passing(
                self, depends_on=[*(org.msp for org in self._organizations.values()), *secrets]
            ),
        )
        return ConfigMap(
            "genesis",
            metadata=self._site.metadata(names.GENESIS),
            binary_data={BLOCK: genesis.block},
            opts=self._site.lasting(self),
        )

    def _config_map(self, name: str, kubernetes_name: str, data: Mapping[str, str]) -> ConfigMap:
        return ConfigMap(
            name,
            metadata=self._site.metadata(kubernetes_name),
            data=data,
            opts=self._site.passing(self),
        )
