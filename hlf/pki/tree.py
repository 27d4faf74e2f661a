"""A whole `crypto-config` folder as cryptogen lays it, for tests and for export.

The one module here that touches the file system. What exists is never touched: an organization
keeps its CAs, a node or user its folder, and only what is missing is added.

Source: Fabric's `cmd/cryptogen/main.go`.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from hlf.pki.authority import Role, issue, issue_tls, make_authority
from hlf.pki.folder import identity_files, msp_folder
from hlf.pki.msp import make_msp
from hlf.pki.pair import SYSTEM, Pair, Source


def lay(
    root: Path,
    kind: Literal["orderer", "peer"],
    domain: str,
    *,
    nodes: Mapping[str, Sequence[str]],
    users: int = 0,
    node_ous: bool = True,
    source: Source = SYSTEM,
) -> None:
    """Lay or extend `<root>/<kind>Organizations/<domain>`.

    `nodes` has each node's host name with the further names for its TLS certificate; `users`
    counts `User1`, `User2`, ... beside `Admin`.
    """
    org = root / f"{kind}Organizations" / domain
    ca = _authority(org, domain, "ca", source)
    tlsca = _authority(org, domain, "tlsca", source)
    msp = make_msp("", ca=ca.certificate, tlsca=tlsca.certificate, node_ous=node_ous)

    def member(place: Path, role: Role, sans: Sequence[str], admin: Path | None) -> None:
        if place.exists():
            return
        name, unit = place.name, role if node_ous else None
        identity = issue(ca, common_name=name, role=unit, source=source)
        tls = issue_tls(tlsca, common_name=name, sans=sans, source=source)
        admins: tuple[bytes, ...] = ()
        if not node_ous:
            # cryptogen makes a user the admin of its own folder.
            admins = (admin.read_bytes() if admin else identity.certificate,)
        own, server = replace(msp, admins=admins), role == kind
        files = identity_files(own, identity=identity, tls=tls, server=server)
        _write(place, files, empty=("msp/admincerts",))

    admin = org / "users" / f"Admin@{domain}"
    member(admin, "admin", (), None)
    admin_certificate = admin / "msp" / "signcerts" / f"Admin@{domain}-cert.pem"
    for number in range(1, users + 1):
        member(org / "users" / f"User{number}@{domain}", "client", (), None)
    for host, sans in nodes.items():
        fqdn = f"{host}.{domain}"
        member(org / f"{kind}s" / fqdn, kind, (fqdn, host, *sans), admin_certificate)
    admins = () if node_ous else (admin_certificate.read_bytes(),)
    _write(org / "msp", msp_folder(replace(msp, admins=admins)), empty=("admincerts",))


def _authority(org: Path, domain: str, kind: Literal["ca", "tlsca"], source: Source) -> Pair:
    folder = org / kind
    certificate, key = folder / f"{kind}.{domain}-cert.pem", folder / "priv_sk"
    if not folder.exists():
        pair = make_authority(domain, kind, source=source)
        _write(folder, {certificate.name: pair.certificate, key.name: pair.key})
    return Pair(certificate=certificate.read_bytes(), key=key.read_bytes())


def _write(place: Path, files: Mapping[str, bytes], *, empty: Sequence[str] = ()) -> None:
    """Lay a folder whole or not at all; one that exists stays as it is."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as temporary:
        new = Path(temporary) / place.name
        for path, content in files.items():
            file = new / path
            file.parent.mkdir(parents=True, exist_ok=True)
            private = file.name == "priv_sk" or file.suffix == ".key"
            file.touch(mode=0o600 if private else 0o644)
            file.write_bytes(content)
        for path in empty:
            (new / path).mkdir(exist_ok=True)
        new.rename(place)
