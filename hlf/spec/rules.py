"""What names, domains, addresses and versions may look like.

Each function tells the mistake at the word's place and says whether the word is good. Fabric's
rules follow `common/configtx` (`ValidateChannelID`, `validateConfigID`), `core/chaincode/lifecycle`
(`scc.go`) and `common/policydsl`; Kubernetes' rules follow RFC 1123.
"""

import ipaddress
import re

from hlf import names
from hlf.spec.reader import Reader, Word

LONGEST_STATEFUL_SET = 52
"""Its pods carry a label with its name, a dash and a hash of 10; a label's value holds 63."""
LONGEST_SERVICE = 63
LONGEST_DIGEST = 16
"""Of a chaincode, in the names of its Deployment and Service."""
LONGEST_COMMON_NAME = 64
"""X.509, `ub-common-name`."""

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_CONFIG_KEY = re.compile(r"[a-zA-Z0-9.-]{1,249}")
_CHANNEL = re.compile(r"[a-z][a-z0-9.-]{0,248}")
_CHAINCODE_NAME = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
_CHAINCODE_VERSION = re.compile(r"[A-Za-z0-9_.+-]+")
_SYSTEM_CHAINCODES = {"lscc", "cscc", "qscc", "escc", "vscc", "_lifecycle"}
_HOST = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?")
_IMAGE = re.compile(r"[a-z0-9][a-zA-Z0-9._:/@-]{0,254}")
_HIGHEST_PORT = 65535


def is_label(text: str) -> bool:
    """Whether `text` is a DNS label, as Kubernetes wants it: lower case, 63 characters at most."""
    return _LABEL.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Whether `text` is a lower-case domain name."""
    return len(text) <= 253 and all(is_label(part) for part in text.split("."))  # noqa: PLR2004


def org_name(word: Word) -> bool:
    """An organization's name in crypto-config.yaml; Kubernetes names hold it in lower case."""
    if not is_label(word.text.lower()):
        word.at.tell(
            f"`{word.text}` cannot be part of a Kubernetes name",
            "use letters, digits and single dashes between them",
        )
        return False
    return _without_double_dash(word)


def hostname(word: Word) -> bool:
    """A node's host name."""
    if not is_label(word.text):
        word.at.tell(
            f"`{word.text}` is no host name",
            "use lower-case letters, digits and single dashes between them",
        )
        return False
    return _without_double_dash(word)


def domain(word: Word) -> bool:
    """An organization's domain; it also names the folder of its certificates."""
    if not is_domain(word.text):
        word.at.tell(
            f"`{word.text}` is no domain name",
            "use lower-case letters, digits, dashes and dots, as in `aptalkarga.tr`",
        )
        return False
    longest = f"User100@{word.text}"
    if len(longest) > LONGEST_COMMON_NAME:
        word.at.tell(
            f"`{word.text}` is too long for a certificate: `{longest}` has {len(longest)} "
            f"characters, and a common name holds {LONGEST_COMMON_NAME}",
            f"use at most {LONGEST_COMMON_NAME - len('User100@')} characters",
        )
        return False
    return True


def san(word: Word) -> bool:
    """A subject alternative name: a domain name, with or without a leading `*.`, or an address."""
    try:
        ipaddress.ip_address(word.text)
    except ValueError:
        if not is_domain(word.text.removeprefix("*.").lower()):
            word.at.tell(
                f"`{word.text}` is neither a host name nor an IP address",
                "write one of these, as in `peer0.example.com`",
            )
            return False
    return True


def config_key(word: Word, what: str) -> bool:
    """A name that is a key of a channel's configuration, or an MSP ID."""
    if not _CONFIG_KEY.fullmatch(word.text) or word.text in {".", ".."}:
        word.at.tell(
            f"Fabric takes `{word.text}` for no {what}", "use letters, digits, dots and dashes"
        )
        return False
    return True


def channel_name(word: Word) -> bool:
    """A channel's name."""
    if not _CHANNEL.fullmatch(word.text):
        shown = word.text if len(word.text) <= LONGEST_SERVICE else f"{word.text[:20]}..."
        word.at.tell(
            f"`{shown}` is no channel name",
            "start with a lower-case letter, go on with lower-case letters, digits, dots and "
            "dashes, and use less than 250 characters",
        )
        return False
    return True


def chaincode_name(word: Word) -> bool:
    """A chaincode's name: Fabric's rule, and in lower case it is part of Kubernetes names."""
    if not _CHAINCODE_NAME.fullmatch(word.text) or "_" in word.text:
        word.at.tell(
            f"`{word.text}` is no chaincode name that can also be part of a Kubernetes name",
            "use letters, digits and single dashes between them",
        )
        return False
    if word.text.lower() in _SYSTEM_CHAINCODES:
        word.at.tell(f"`{word.text}` is one of Fabric's own chaincodes", "choose another name")
        return False
    longest = len(names.chaincode(word.text, "0" * LONGEST_DIGEST))
    if longest > LONGEST_SERVICE:
        word.at.tell(
            f"`{word.text}` makes a Service name of {longest} characters, and Kubernetes allows "
            f"{LONGEST_SERVICE}",
            f"make it {longest - LONGEST_SERVICE} shorter",
        )
        return False
    return True


def chaincode_version(word: Word) -> bool:
    """A chaincode's version."""
    if not _CHAINCODE_VERSION.fullmatch(word.text):
        word.at.tell(
            f"`{word.text}` is no chaincode version",
            "use letters, digits and the characters `_`, `.`, `+`, `-`",
        )
        return False
    return True


def is_image(text: str) -> bool:
    """Whether `text` is a container image's reference."""
    return _IMAGE.fullmatch(text) is not None


def image(word: Word) -> bool:
    """A container image's reference."""
    if not is_image(word.text):
        word.at.tell(f"`{word.text}` is no image", "write it as in `example/very-simple:1.0`")
        return False
    return True


def address(word: Word) -> tuple[str, int] | None:
    """Split `host:port`; None after a mistake."""
    host, colon, port = word.text.rpartition(":")
    if not colon or not _HOST.fullmatch(host):
        word.at.tell(
            f"`{word.text}` is no address", "write `host:port`, as in `orderer0.example.com:7050`"
        )
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > _HIGHEST_PORT:
        word.at.tell(f"`{port}` is no port", f"write a number from 1 to {_HIGHEST_PORT}")
        return None
    return host, int(port)


def port(at: Reader) -> int | None:
    """A TCP port."""
    return at.number(least=1, most=_HIGHEST_PORT)


def host(word: Word) -> bool:
    """A host name or address, without a port."""
    if not _HOST.fullmatch(word.text):
        word.at.tell(f"`{word.text}` is no host name", "write it as in `orderer0.example.com`")
        return False
    return True


def _without_double_dash(word: Word) -> bool:
    if "--" in word.text:
        word.at.tell(
            f"`{word.text}` contains `--`, which separates the parts of Kubernetes names here",
            "use a single dash",
        )
        return False
    return True
