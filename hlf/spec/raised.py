"""The setting `raiseApplicationCapability`: the current chaincode lifecycle with unchanged files.

configtx.yaml of Fabric 1.4 stops at capabilities with which chaincodes are instantiated, and has
no policies for approving them. The setting adds both to every channel, where they are missing.
"""

from collections.abc import Mapping
from dataclasses import replace

from hlf.config.model import Application, Organization
from hlf.spec.capabilities import LIFECYCLE

ENDORSEMENT = "Endorsement"
POLICIES = (ENDORSEMENT, "LifecycleEndorsement")
"""What the lifecycle asks for; both are the majority of the organizations' `Endorsement`."""


def raised(
    application: Application, *, to: str | None, node_ous: Mapping[str, bool]
) -> Application:
    """The Application part with the capability `to`, one of LIFECYCLE, or with a later one it has.

    `node_ous` says by MSP ID whether the organization's certificates tell peers from others.
    """
    if to is None or set(LIFECYCLE[LIFECYCLE.index(to) :]) & set(application.capabilities):
        return application
    capabilities = tuple(sorted({*application.capabilities, to}))
    missing = [name for name in POLICIES if name not in application.policies]
    if not missing:
        return replace(application, capabilities=capabilities)
    return replace(
        application,
        capabilities=capabilities,
        policies={**application.policies, **dict.fromkeys(missing, f"MAJORITY {ENDORSEMENT}")},
        organizations={
            name: _endorsing(org, node_ous=node_ous[org.msp_id])
            for name, org in application.organizations.items()
        },
    )


def _endorsing(organization: Organization, *, node_ous: bool) -> Organization:
    role = "peer" if node_ous else "member"
    own = {ENDORSEMENT: f"OR('{organization.msp_id}.{role}')"}
    return replace(organization, policies={**own, **organization.policies})
