"""The values of PIVT's charts: each is known, and told where the thing is set now.

None of them has an effect here, so none is let through in silence.
"""

from collections.abc import Mapping

from hlf.spec.document import Table, join
from hlf.spec.errors import suggest
from hlf.spec.reader import Reader

_PODS = "the setting `hlf:pods` says it now, for each kind of pod; take it out"
_LATER = "it is not built yet; take it out"
_VOLUMES = "volumes are always there, their size is in the setting `hlf:pods`; take it out"
_NO_DOCKER = "no Docker is needed, chaincodes run in pods of their own; take it out"
_NO_COLLECTING = "host names resolve in one `pulumi up`; take it out"
_ALL_AT_ONCE = "`pulumi up` does it for all at once, with `--target` for some; take it out"
_OF_PEERS = "peers always serve operations and metrics, on port 9443; take it out"
_OF_ORDERERS = "orderers always serve operations and metrics, on port 8443; take it out"

_BACKUPS = "the setting `hlf:backup` says it now, for all nodes at once; take it out"
_ACCOUNT = "the setting `hlf:backup.credentials` has it now, as `%s`; take it out"
_RESTORE = "the setting `hlf:restoreFrom` names the backup now, for all nodes at once; take it out"
_BACKUPS_AND_RESTORES = (
    "the settings `hlf:backup` and `hlf:restoreFrom` say it now, for all nodes at once; take it out"
)

_VALUES = {
    "hyperledgerVersion": "the setting `hlf:fabricVersion` says it now; take it out",
    "hostAliases": _NO_COLLECTING,
    "persistence": "the setting `hlf:pods` names the class now; take it out",
    "backup": None,
    "backup.enabled": _BACKUPS,
    "backup.key": "the setting `hlf:backup.key` says it now, and `hlf:restoreFrom` for a restore; "
    "take it out",
    "backup.target": None,
    "backup.target.azureBlobStorage": None,
    "backup.target.azureBlobStorage.accountName": _ACCOUNT % "AZURE_STORAGE_ACCOUNT_NAME",
    "backup.target.azureBlobStorage.accessKey": _ACCOUNT % "AZURE_STORAGE_ACCOUNT_KEY",
    "backup.target.azureBlobStorage.containerName": "the setting `hlf:backup.store` says it now, "
    "as in `az://hlf-backup/dev`; take it out",
    "restore": _RESTORE,
    "ingress": _LATER,
    "externalOrderer": _LATER,
    "secret": "the Secrets are always made; take it out",
    "configMap": "the ConfigMaps are always made; take it out",
    "hlf-kafka": "Kafka runs where the orderer type is `kafka`, as the setting `hlf:pods` says; "
    "take it out",
    "peer": None,
    "peer.logLevel": _PODS,
    "peer.launchPods": _NO_COLLECTING,
    "peer.chaincode": "chaincodes have pods and logs of their own; take it out",
    "peer.persistence": _VOLUMES,
    "peer.docker": _NO_DOCKER,
    "peer.ingress": _LATER,
    "peer.externalService": _LATER,
    "peer.antiAffinity": _PODS,
    "peer.backup": _BACKUPS,
    "peer.restore": _RESTORE,
    "peer.operations": _OF_PEERS,
    "peer.metrics": _OF_PEERS,
    "couchdb": None,
    "couchdb.version": "the setting `hlf:stateDatabase` says whether there is one, and `hlf:pods` "
    "its image; take it out",
    "couchdb.userName": "each database has a password of its own, made for it; take it out",
    "couchdb.password": "each database has a password of its own, made for it; take it out",
    "couchdb.persistence": _VOLUMES,
    "couchdb.ingress": _LATER,
    "couchdb.backup": _BACKUPS,
    "couchdb.restore": _RESTORE,
    "orderer": None,
    "orderer.replicas": "give each orderer an entry in `Specs` of crypto-config.yaml; take it out",
    "orderer.logLevel": _PODS,
    "orderer.launchPods": _NO_COLLECTING,
    "orderer.persistence": _VOLUMES,
    "orderer.cluster": "orderers have a port for their cluster where they need it; take it out",
    "orderer.ingress": _LATER,
    "orderer.externalService": _LATER,
    "orderer.antiAffinity": _PODS,
    "orderer.backup": _BACKUPS,
    "orderer.restore": _RESTORE,
    "orderer.operations": _OF_ORDERERS,
    "orderer.metrics": _OF_ORDERERS,
    "ca": None,
    "ca.userName": "there are no CA pods, the program itself is the CA; take it out",
    "ca.password": "there are no CA pods, the program itself is the CA; take it out",
    "ca.logLevel": "there are no CA pods, the program itself is the CA; take it out",
    "ca.ingress": "there are no CA pods, the program itself is the CA; take it out",
    "argo": "no Argo is needed, Pulumi itself runs the steps; take it out",
    "retryCount": "what is not ready yet is waited for; take it out",
    "logLevel": "the steps are `pulumi up`'s own; the nodes' log levels are in the setting "
    "`hlf:pods`; take it out",
    "update": "write the change into configtx.yaml, `pulumi up` makes the update; take it out",
    "applications": _LATER,
    "flow": None,
    "flow.chaincode": _ALL_AT_ONCE,
    "flow.channel": _ALL_AT_ONCE,
    "flow.join": _ALL_AT_ONCE,
    "flow.update": _ALL_AT_ONCE,
    "flow.install": _ALL_AT_ONCE,
    "flow.instantiate": _ALL_AT_ONCE,
    "flow.invoke": "each channel of a chaincode has `invoke` for it, without which `ping` is "
    "called; take it out",
    "flow.consortium": "list the organization in the genesis profile's consortium, `pulumi up` "
    "adds it; take it out",
    "flow.createUpdate": "`pulumi up` makes the updates itself; take it out",
    "flow.sendUpdate": _LATER,
    "flow.peer": _BACKUPS_AND_RESTORES,
    "flow.couchdb": _BACKUPS_AND_RESTORES,
    "flow.orderer": _BACKUPS_AND_RESTORES,
    "chaincode.ctor": "each of `network.chaincodes` has a `ctor` of its own; take it out",
    "chaincode.include": "`network.chaincodes` says which there are; take it out",
}
"""By dotted path; what is deeper than a path shares its remedy. None is a group of paths."""


def refuse(values: Mapping[str, Reader], *, prefix: str = "") -> None:
    """Tell every value among `values`, which stand under `prefix`."""
    for key, at in values.items():
        path = join(prefix, key)
        remedy = _VALUES.get(path, "")
        if remedy is None:
            if isinstance(at.item, Table):
                refuse(at.entries(), prefix=path)
            else:
                at.tell(
                    f"`{path}` is a group of PIVT's values, none of which counts", "take it out"
                )
        elif remedy:
            at.tell(f"PIVT's `{path}` has no effect here", remedy)
        else:
            at.tell(f"the key `{path}` is not known", suggest(path, _known(prefix)))


def _known(prefix: str) -> list[str]:
    """The paths that could have been meant under `prefix`."""
    own = ["network", "tlsEnabled", "useActualDomains", "chaincode"]
    if prefix == "chaincode":
        own = ["chaincode.version", "chaincode.language"]
    depth = prefix.count(".") + 1 if prefix else 0
    paths = [path for path in _VALUES if path.count(".") == depth and path.startswith(prefix)]
    return paths + (own if not prefix or prefix == "chaincode" else [])
