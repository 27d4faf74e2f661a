from dataclasses import replace

import pytest
import yaml

from hlf.config.protos import FabricMSPConfig, MSPConfig
from hlf.pki.authority import issue, issue_tls, make_authority
from hlf.pki.folder import config_yaml, identity_files, msp_folder, read_msp
from hlf.pki.msp import Msp, NodeOUs, OrganizationalUnit, from_config, make_msp, to_config

CA = make_authority("karga.tr", "ca")
TLSCA = make_authority("karga.tr", "tlsca")
ADMIN = issue(CA, common_name="Admin@karga.tr", role="admin")
INTERMEDIATE = issue(CA, common_name="ica.karga.tr", role=None)

WITH = make_msp("KargaMSP", ca=CA.certificate, tlsca=TLSCA.certificate, node_ous=True)
WITHOUT = make_msp(
    "KargaMSP",
    ca=CA.certificate,
    tlsca=TLSCA.certificate,
    node_ous=False,
    admins=(ADMIN.certificate,),
)
WITHOUT_TLS = make_msp("KargaMSP", ca=CA.certificate, tlsca=None, node_ous=True)
RICH = replace(
    WITH,
    root_certs=(CA.certificate, make_authority("karga.tr", "ca").certificate),
    intermediate_certs=(INTERMEDIATE.certificate,),
    tls_intermediate_certs=(INTERMEDIATE.certificate,),
    admins=(ADMIN.certificate,),
    revocation_lists=(b"-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n",),
    organizational_units=(
        OrganizationalUnit(identifier="sales", certificate=INTERMEDIATE.certificate),
        OrganizationalUnit(identifier="hr", certificate=CA.certificate),
    ),
    node_ous=NodeOUs(
        roles={
            "client": OrganizationalUnit(identifier="user"),
            "peer": OrganizationalUnit(identifier="node", certificate=INTERMEDIATE.certificate),
        }
    ),
)
OFF = replace(WITHOUT, node_ous=NodeOUs(enable=False, roles={}))


@pytest.mark.parametrize("msp", [WITH, WITHOUT, WITHOUT_TLS, RICH, OFF])
def test_there_and_back_through_the_message(msp: Msp):
    assert from_config(MSPConfig.FromString(to_config(msp).SerializeToString())) == msp


@pytest.mark.parametrize("msp", [WITH, WITHOUT, WITHOUT_TLS, RICH])
def test_there_and_back_through_the_folder(msp: Msp):
    files = msp_folder(msp)
    again = read_msp("KargaMSP", files)
    # A folder is read in the order of its file names.
    assert replace(again, root_certs=msp.root_certs) == msp
    assert set(again.root_certs) == set(msp.root_certs)


def test_without_a_tls_ca_an_msp_has_no_tls_roots():
    config = FabricMSPConfig.FromString(to_config(WITHOUT_TLS).config)
    assert list(config.tls_root_certs) == []
    assert not any(name.startswith("tlscacerts") for name in msp_folder(WITHOUT_TLS))
    assert list(config.root_certs) == [CA.certificate]


def test_config_yaml_is_the_one_of_cryptogen():
    assert config_yaml(WITH) == (
        "NodeOUs:\n"
        "  Enable: true\n"
        "  ClientOUIdentifier:\n"
        "    Certificate: cacerts/ca.karga.tr-cert.pem\n"
        "    OrganizationalUnitIdentifier: client\n"
        "  PeerOUIdentifier:\n"
        "    Certificate: cacerts/ca.karga.tr-cert.pem\n"
        "    OrganizationalUnitIdentifier: peer\n"
        "  AdminOUIdentifier:\n"
        "    Certificate: cacerts/ca.karga.tr-cert.pem\n"
        "    OrganizationalUnitIdentifier: admin\n"
        "  OrdererOUIdentifier:\n"
        "    Certificate: cacerts/ca.karga.tr-cert.pem\n"
        "    OrganizationalUnitIdentifier: orderer\n"
    )
    assert config_yaml(WITHOUT) == ""
    assert yaml.safe_load(config_yaml(RICH))["NodeOUs"]["ClientOUIdentifier"] == {
        "OrganizationalUnitIdentifier": "user"
    }


def test_the_files_of_a_peer():
    peer = issue(CA, common_name="peer0.karga.tr", role="peer")
    tls = issue_tls(TLSCA, common_name="peer0.karga.tr", sans=["peer0"])
    files = identity_files(WITH, identity=peer, tls=tls, server=True)
    assert files == {
        "msp/cacerts/ca.karga.tr-cert.pem": CA.certificate,
        "msp/tlscacerts/tlsca.karga.tr-cert.pem": TLSCA.certificate,
        "msp/config.yaml": config_yaml(WITH).encode(),
        "msp/keystore/priv_sk": peer.key,
        "msp/signcerts/peer0.karga.tr-cert.pem": peer.certificate,
        "tls/ca.crt": TLSCA.certificate,
        "tls/server.crt": tls.certificate,
        "tls/server.key": tls.key,
    }


def test_the_files_of_a_user_of_an_organization_without_node_ous():
    files = identity_files(WITHOUT, identity=ADMIN, tls=ADMIN, server=False)
    assert files["msp/admincerts/Admin@karga.tr-cert.pem"] == ADMIN.certificate
    assert "msp/config.yaml" not in files
    assert {"tls/client.crt", "tls/client.key"} <= set(files)


def test_files_that_are_not_pem_are_passed_over_as_fabric_does():
    files = {**msp_folder(WITH), "cacerts/README": b"hello", "cacerts/deeper/x.pem": b"-----BEGIN "}
    assert read_msp("KargaMSP", files) == WITH


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cacerts/ca.karga.tr-cert.pem": b""}, "KargaMSP has no certificate in cacerts"),
        ({"config.yaml": b"NodeOUs: {"}, "config.yaml of the MSP KargaMSP is not YAML"),
        ({"config.yaml": b"- x"}, "config.yaml of the MSP KargaMSP is not a mapping"),
        (
            {"config.yaml": b"NodeOUs: {Enable: true, PeerOUIdentifier: {Certificate: gone.pem}}"},
            "names gone.pem, which is not there",
        ),
    ],
)
def test_a_folder_that_is_no_msp(change: dict[str, bytes], says: str):
    with pytest.raises(ValueError, match=says):
        read_msp("KargaMSP", {**msp_folder(WITH), **change})


def test_an_idemix_msp_is_refused():
    with pytest.raises(ValueError, match="MSP of type 1"):
        from_config(MSPConfig(type=1))


def test_settings_that_would_be_lost_are_refused():
    config = FabricMSPConfig.FromString(to_config(WITH).config)
    config.crypto_config.signature_hash_family = "SHA3"
    with pytest.raises(ValueError, match="MSP KargaMSP holds settings that are not known"):
        from_config(MSPConfig(type=0, config=config.SerializeToString()))
