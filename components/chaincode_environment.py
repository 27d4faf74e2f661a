"""What a chaincode's server finds in its environment: id, address and keys, by many names.

The libraries do not agree on names, and an image does not tell which one its program uses. So every
server gets them all:

- Go programs with Fabric's shim ask for what Fabric's samples ask for: `CHAINCODE_ID`,
  `CHAINCODE_SERVER_ADDRESS`, and for TLS `CHAINCODE_TLS_DISABLED`, `CHAINCODE_TLS_KEY` and
  `CHAINCODE_TLS_CERT`.
- `Start` of the contract API in Go (from v1.2.0 on) and `ContractRouter` in Java (from 2.5.0 on)
  serve where `CORE_CHAINCODE_ID_NAME` and `CHAINCODE_SERVER_ADDRESS` are set; for TLS they ask for
  `CORE_PEER_TLS_ENABLED`, `CORE_TLS_CLIENT_KEY_FILE` and `CORE_TLS_CLIENT_CERT_FILE`.
- `fabric-chaincode-node server` takes what no option says from `CORE_CHAINCODE_ID`,
  `CORE_CHAINCODE_ADDRESS`, `CORE_CHAINCODE_TLS_KEY_FILE` and `CORE_CHAINCODE_TLS_CERT_FILE`.

`CORE_PEER_LOCALMSPID` is not set: one server serves the peers of all organizations.

Source: `contractapi/contract_chaincode.go` of fabric-contract-api-go, `ChaincodeBase.java` of
fabric-chaincode-java, `cli.js` and `lib/cmds/serverCommand.js` of fabric-chaincode-node.
"""

import pulumi


def environment(package_id: pulumi.Input[str], address: str) -> dict[str, pulumi.Input[str]]:
    """Return what every server finds; `address` is where it is to listen."""
    return {
        "CHAINCODE_ID": package_id,
        "CHAINCODE_SERVER_ADDRESS": address,
        "CORE_CHAINCODE_ADDRESS": address,
        "CORE_CHAINCODE_ID": package_id,
        "CORE_CHAINCODE_ID_NAME": package_id,
    }


def tls_environment(*, certificate: str, key: str) -> dict[str, str]:
    """Return what it finds in addition where it is to speak TLS: paths of two PEM files."""
    return {
        "CHAINCODE_TLS_CERT": certificate,
        "CHAINCODE_TLS_DISABLED": "false",
        "CHAINCODE_TLS_KEY": key,
        "CORE_CHAINCODE_TLS_CERT_FILE": certificate,
        "CORE_CHAINCODE_TLS_KEY_FILE": key,
        "CORE_PEER_TLS_ENABLED": "true",
        "CORE_TLS_CLIENT_CERT_FILE": certificate,
        "CORE_TLS_CLIENT_KEY_FILE": key,
    }


def java_tls_environment(
    *, certificate: str, encoded_certificate: str, encoded_key: str
) -> dict[str, str]:
    """Return what a server in Java finds besides where it is to speak TLS.

    It gets ready to dial the peer that has just dialled it, reads these files for that, and makes
    no use of them. The encoded ones are the PEM files in base64, in one line. Only Java gets this:
    a root certificate has the contract API in Go ask peers for certificates, which they do not
    have.
    """
    return {
        "CORE_PEER_TLS_ROOTCERT_FILE": certificate,
        "CORE_TLS_CLIENT_CERT_PATH": encoded_certificate,
        "CORE_TLS_CLIENT_KEY_PATH": encoded_key,
    }
