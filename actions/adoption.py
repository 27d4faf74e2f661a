"""Takes over keys that a namespace has kept, after checking that they belong together."""

from collections.abc import Mapping
from dataclasses import dataclass

from actions import cluster
from actions.cluster import ClusterError
from hlf.pki.pair import Pair, check_pair, common_name, load_certificate


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The content of a Secret with keys."""

    namespace: str
    secret: str
    files: Mapping[str, bytes]

    def authority(self, certificate: str, key: str) -> Pair:
        """Return a CA's certificate and key by their names in the Secret, checked."""
        return self._checked(certificate, key, authority=None)

    def identity(self, certificate: str, key: str, *, authority: str, owner: str) -> Pair:
        """Return the certificate and key of `owner`, its common name, checked.

        `authority` is the certificate of the CA that must have issued it, in PEM.
        """
        pair = self._checked(certificate, key, authority=authority.encode())
        found = common_name(pair.certificate)
        if found != owner:
            raise self._refusal(f"its certificate {certificate} is {found}'s, not {owner}'s")
        return pair

    def _checked(self, certificate: str, key: str, *, authority: bytes | None) -> Pair:
        missing = [name for name in (certificate, key) if name not in self.files]
        if missing:
            raise self._refusal(f"it lacks {' and '.join(missing)}")
        pair = Pair(certificate=self.files[certificate], key=self.files[key])
        try:
            check(pair, authority or pair.certificate)
        except ValueError as error:
            raise self._refusal(str(error)) from None
        return pair

    def _refusal(self, problem: str) -> ClusterError:
        return ClusterError(
            f"The keys that Secret {self.secret} in {self.namespace} has kept cannot be taken "
            f"over: {problem}. Put the right ones back, or delete the Secret to have new ones made."
        )


def keys(namespace: str, secret: str) -> Kept | None:
    """Return what a Secret keeps, or None where there is no such Secret."""
    found = cluster.secret(namespace, secret)
    return None if found is None else Kept(namespace=namespace, secret=secret, files=found)


def check(pair: Pair, authority: bytes) -> None:
    """Raise ValueError unless the key fits the certificate and the authority issued it.

    Age is no matter here: whether keys belong to a network does not change with time.
    """
    issued = load_certificate(pair.certificate).not_valid_before_utc
    trusted = load_certificate(authority).not_valid_before_utc
    check_pair(pair, authority=authority, at=max(issued, trusted))
