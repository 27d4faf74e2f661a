"""Real servers of object stores: moto's S3 and Azurite's Azure Blob.

They listen on loopback, or where `host` and `prefix` say: an address, and the words before a
command line that run it where the address is. Both check who asks: moto by its IAM, Azurite by the
account's key. Buckets and containers are made by what each cloud has for that, because the library
makes none.
"""

import base64
import hashlib
import hmac
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import boto3

from tests.official.fabric.nodes import free_port
from tools import home, javascript

_AZURITE = Path(__file__).parent / "azurite"
_VERSION = "2021-12-02"
"""Of Azure's protocol."""
_PATIENCE = 60.0
_LOOPBACK = "127.0.0.1"
ACCOUNT = "atlantis"
BUCKET = "hlf-backup"


@dataclass(frozen=True)
class Server:
    """A store's URL without a prefix, and the environment that leads to it."""

    url: str
    environment: dict[str, str]


@contextmanager
def moto(folder: Path, *, host: str = _LOOPBACK, prefix: Sequence[str] = ()) -> Iterator[Server]:
    """S3 with a bucket, and a user who may do everything in it."""
    port = free_port()
    endpoint = f"http://{host}:{port}"
    # These come before anybody is asked who he is: the first user has to be made by somebody.
    made_by_anybody = 4
    environment = {"INITIAL_NO_AUTH_ACTION_COUNT": str(made_by_anybody)}
    command = [*prefix, sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)]
    with _running(command, folder / "moto.log", endpoint, environment):
        nobody = {
            "endpoint_url": endpoint,
            "region_name": "us-east-1",
            "aws_access_key_id": "nobody",
            "aws_secret_access_key": "nothing",
        }
        boto3.client("s3", **nobody).create_bucket(Bucket=BUCKET)
        iam = boto3.client("iam", **nobody)
        iam.create_user(UserName="backup")
        iam.put_user_policy(
            UserName="backup",
            PolicyName="backup",
            PolicyDocument='{"Version": "2012-10-17", "Statement": '
            '[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}',
        )
        key = iam.create_access_key(UserName="backup")["AccessKey"]
        yield Server(
            f"s3://{BUCKET}",
            {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            },
        )


@contextmanager
def azurite(folder: Path, *, host: str = _LOOPBACK, prefix: Sequence[str] = ()) -> Iterator[Server]:
    """Azure Blob with a container, and an account with a key of its own."""
    found = home.find()
    program = javascript.packages(found, _AZURITE) / "azurite" / "dist" / "src" / "blob" / "main.js"
    port = free_port()
    endpoint = f"http://{host}:{port}/{ACCOUNT}"
    key = base64.b64encode(secrets.token_bytes(64)).decode()
    command = [
        *(*prefix, str(javascript.node(found)), str(program), "--skipApiVersionCheck"),
        *("--blobHost", host, "--blobPort", str(port)),
        *("--inMemoryPersistence", "--disableTelemetry", "--silent"),
    ]
    accounts = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"}
    with _running(command, folder / "azurite.log", endpoint, accounts):
        _make_container(endpoint, key)
        yield Server(
            f"az://{BUCKET}",
            {
                "AZURE_STORAGE_ENDPOINT": endpoint,
                "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
                "AZURE_STORAGE_ACCOUNT_KEY": key,
            },
        )


def shared_access(key: str, *, ends_in: timedelta) -> str:
    """A shared access signature for all of the account's blobs.

    Source: Microsoft's "Create an account SAS".
    """
    now = datetime.now(UTC)
    fields = {
        "sp": "rwdlac",
        "ss": "b",
        "srt": "sco",
        "st": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "se": f"{now + ends_in:%Y-%m-%dT%H:%M:%SZ}",
    }
    text = "\n".join([ACCOUNT, *fields.values(), "", "http,https", _VERSION, "", ""])
    signed = {**fields, "spr": "http,https", "sv": _VERSION, "sig": _signature(key, text)}
    return urllib.parse.urlencode(signed)


def _make_container(endpoint: str, key: str) -> None:
    """Source: Microsoft's "Create Container" and "Authorize with Shared Key"."""
    date = formatdate(usegmt=True)
    path = f"/{ACCOUNT}/{BUCKET}"
    headers = f"x-ms-date:{date}\nx-ms-version:{_VERSION}\n"
    text = "PUT" + "\n" * 12 + headers + f"/{ACCOUNT}{path}\nrestype:container"
    request = urllib.request.Request(
        f"{endpoint}/{BUCKET}?restype=container",
        method="PUT",
        headers={
            "x-ms-date": date,
            "x-ms-version": _VERSION,
            "Authorization": f"SharedKey {ACCOUNT}:{_signature(key, text)}",
            "Content-Length": "0",
        },
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


def _signature(key: str, text: str) -> str:
    digest = hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


@contextmanager
def _running(
    command: list[str], log: Path, endpoint: str, environment: dict[str, str]
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | environment
        )
    try:
        _wait(process, endpoint, log)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    address = urllib.parse.urlsplit(endpoint)
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection((address.hostname, address.port), 1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{' '.join(process.args[:4])} does not listen: {log.read_text()}")
