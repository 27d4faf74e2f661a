"""The settings `backup` and `restoreFrom`: what they say, and what is wrong in them."""

import pytest

from hlf.backup.retention import Retention
from hlf.spec.settings import without_secrets

FILE = "Pulumi.dev.yaml"
SECRET = "Correct-Horse-Battery"
BACKUP = {"store": "az://hlf-backup/dev", "passphrase": SECRET}
ON_VOLUME = {"store": "claim://hlf-backup/dev", "passphrase": SECRET}


def test_without_the_settings(simple):
    for settings in ({}, {"backup": {}}, {"backup": None}):
        loaded = simple.load(**settings).settings
        assert (loaded.backup, loaded.restore_from) == (None, None)


def test_the_least(simple):
    backup = simple.load(backup=BACKUP).settings.backup
    assert (backup.store, backup.passphrase) == ("az://hlf-backup/dev", SECRET)
    assert (backup.claim, backup.credentials_secret, backup.key) == (None, None, None)
    assert (backup.schedule, backup.retention) == (None, None)
    assert (backup.credentials, backup.identity) == ({}, {})


def test_everything(simple):
    variables = {"AZURE_STORAGE_ACCOUNT_NAME": "account", "AZURE_STORAGE_ACCOUNT_KEY": f"{SECRET}="}
    identity = {"azure.workload.identity/client-id": "0000-1111"}
    settings = simple.load(
        backup={
            **BACKUP,
            "credentials": {**variables, "GOOGLE_SERVICE_ACCOUNT_KEY": '{\n "type": "x"\n}\n'},
            "credentialsSecret": "my-secret",
            "identity": identity,
            "key": "after-upgrade",
            "schedule": "0 3 * * *",
            "retention": {"last": 7, "days": 30},
        },
        restoreFrom="before-upgrade",
    ).settings
    backup = settings.backup
    service = {"GOOGLE_SERVICE_ACCOUNT_KEY": '{\n "type": "x"\n}'}
    assert backup.credentials == {**variables, **service}
    assert (backup.credentials_secret, backup.identity) == ("my-secret", identity)
    assert (backup.key, backup.schedule) == ("after-upgrade", "0 3 * * *")
    assert backup.retention == Retention(last=7, days=30)
    assert settings.restore_from == "before-upgrade"
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("given", "store", "claim"),
    [
        ("s3://bucket", "s3://bucket", None),
        ("gs://a.bucket_1/a/b=c", "gs://a.bucket_1/a/b=c", None),
        ("claim://hlf-backup", "file:///backups", "hlf-backup"),
        ("claim://hlf-backup/", "file:///backups", "hlf-backup"),
        ("claim://hlf-backup/dev/1", "file:///backups/dev/1", "hlf-backup"),
    ],
)
def test_stores(simple, given, store, claim):
    backup = simple.load(backup={**BACKUP, "store": given}).settings.backup
    assert (backup.store, backup.claim) == (store, claim)


@pytest.mark.parametrize(
    ("given", "retention"),
    [
        ({"last": 7}, Retention(last=7)),
        ({"last": 7.0}, Retention(last=7)),
        ({"last": "7", "days": "1.5"}, Retention(last=7, days=1.5)),
        ({"days": 0.5}, Retention(days=0.5)),
    ],
)
def test_retentions(simple, given, retention):
    found = simple.load(backup={**BACKUP, "retention": given}).settings.backup.retention
    assert found == retention
    assert found.last is None or isinstance(found.last, int)


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"stor": "s3://bucket"}, "stor", "no `stor` here|did you mean `store`?"),
        ({"store": None}, "store", "it is missing|`s3://bucket/prefix`"),
        ({"store": 7}, "store", "the value is no string"),
        ({"store": " "}, "store", "the value is empty"),
        ({"store": "a\0b"}, "store", "characters that cannot be printed"),
        ({"store": "bucket"}, "store", "no URL of a store|`claim://"),
        ({"store": "https://example.com/c"}, "store", "`https://` is no kind of store|`az://"),
        ({"store": "file:///backups"}, "store", "does not see|write `claim://"),
        ({"store": "s3://"}, "store", "names no bucket|at least three"),
        ({"store": "az://Hlf"}, "store", "names no container: `Hlf` is none"),
        ({"store": "s3://bucket//x"}, "store", "the folder in the URL|single slashes"),
        ({"store": "s3://bucket/ü"}, "store", "the folder in the URL"),
        ({"store": "claim://hlf-backup/../x"}, "store", "neither `.` nor `..`"),
        ({"store": "claim://hlf-backup/%2e%2e/x"}, "store", "neither `.` nor `..`"),
        ({"store": "claim:///x"}, "store", "names no PersistentVolumeClaim|`kubectl get pvc`"),
        ({"store": "claim://My_Claim"}, "store", "`My_Claim` is none"),
        (
            {"store": "claim://hlf-peer--karga--peer0"},
            "store",
            "`hlf-peer--karga--peer0` is a volume of the network itself",
        ),
        ({"passphrase": None}, "passphrase", "missing|set --secret --path hlf:backup.passphrase"),
        ({"passphrase": 123456789012}, "passphrase", "it is no string|--secret"),
        ({"passphrase": "short"}, "passphrase", "shorter than 12 characters"),
        ({"passphrase": f"{SECRET}\n"}, "passphrase", "cannot be printed, or white space"),
        ({"passphrase": f"{SECRET}\ud800"}, "passphrase", "cannot be printed"),
        ({"credentials": ["A"]}, "credentials", "the value is no map"),
        ({"credentials": {"aws-key": "x"}}, "credentials", "a name in it is none|`AWS_"),
        ({"credentials": {"AWS_X": 7}}, "credentials.AWS_X", "the value is no string"),
        ({"credentials": {"AWS_X": " "}}, "credentials.AWS_X", "the value is empty"),
        ({"credentials": {"AWS_X": "a\0"}}, "credentials.AWS_X", "cannot be printed"),
        (
            {"credentials": {"HLF_BACKUP_PASSPHRASE": "x"}},
            "credentials.HLF_BACKUP_PASSPHRASE",
            "the jobs' own",
        ),
        (
            {"credentials": {"GOOGLE_APPLICATION_CREDENTIALS": "/key.json"}},
            "credentials.GOOGLE_APPLICATION_CREDENTIALS",
            "it names a file|`GOOGLE_SERVICE_ACCOUNT_KEY`",
        ),
        ({"credentialsSecret": "My_Secret"}, "credentialsSecret", "no name of a Secret"),
        ({"identity": "me"}, "identity", "the value is no map"),
        ({"identity": {"a b": "c"}}, "identity.a b", "no key"),
        ({"identity": {"a/b": 7}}, "identity.a/b", '`7` is no string|in quotes: "7"'),
        ({"key": "a/b"}, "key", "no key of a backup|up to 100 letters"),
        ({"key": 20261125}, "key", "no string|in quotes"),
        ({"schedule": "0 3 * * 7"}, "schedule", "`7` is no day of the week|0 to 6"),
        ({"schedule": 3}, "schedule", "no string"),
        ({"retention": {}}, "retention", "neither `last` nor `days`"),
        ({"retention": 7}, "retention", "the value is no map"),
        ({"retention": {"weeks": 7}}, "retention.weeks", "no `weeks` here"),
        ({"retention": {"last": 0}}, "retention.last", "the value is no number above 0"),
        ({"retention": {"last": True}}, "retention.last", "the value is no number"),
        ({"retention": {"last": 1.5}}, "retention.last", "`1.5` is no number of backups|whole"),
        ({"retention": {"days": "many"}}, "retention.days", "the value is no number above 0"),
        ({"retention": {"days": -1}}, "retention.days", "no number above 0"),
        ({"retention": {"days": float("nan")}}, "retention.days", "no number above 0"),
        ({"retention": {"days": 10**9}}, "retention.days", "36500 at most"),
    ],
)
def test_a_mistake(simple, tell, change, path, words):
    mistake = simple.mistake(backup={**BACKUP, **change})
    tell(mistake, file=FILE, path=f"hlf:backup.{path}", words=words)
    assert SECRET not in str(mistake)


def test_no_map(simple, tell):
    mistake = simple.mistake(backup=SECRET)
    tell(mistake, file=FILE, path="hlf:backup", words="the value is no map|`store`")
    assert SECRET not in str(mistake)


@pytest.mark.parametrize(
    "change",
    [
        {"store": f"s3://user:{SECRET}@bucket/x"},
        {"store": f"s3://{SECRET}@bucket"},
        {"store": f"s3://key:{SECRET}/bucket"},
        {"store": f"az://container/x?sig={SECRET}"},
        {"store": f"az://container/x#{SECRET}"},
        {"store": f"https://user:{SECRET}@example.com/x"},
        {"store": f"file://user:{SECRET}@host/x"},
        {"store": f"claim://user:{SECRET}@claim"},
    ],
)
def test_a_url_with_credentials(simple, tell, change):
    mistake = simple.mistake(backup={**BACKUP, **change})
    tell(mistake, file=FILE, path="hlf:backup.store", words="into `credentials`|not shown here")
    assert SECRET not in str(mistake)
    assert "user" not in str(mistake).replace("users", "")


@pytest.mark.parametrize(
    "change",
    [
        {"store": f"AccountName=a;AccountKey={SECRET}=="},
        {"store": {"passphrase": SECRET}},
        {"passphrase": [SECRET]},
        {"passphrase": f" {SECRET}"},
        {"credentials": SECRET},
        {"credentials": {SECRET: "AWS_SECRET_ACCESS_KEY"}},
        {"credentials": {"AWS_SECRET_ACCESS_KEY": [SECRET]}},
        {"credentials": {"AWS_SECRET_ACCESS_KEY": f"{SECRET}\0"}},
        {"credentialsSecret": f"{SECRET}=="},
        {"credentialsSecret": [SECRET]},
        {"identity": SECRET},
        {"key": f"{SECRET}=="},
        {"key": [SECRET]},
        {"schedule": [SECRET]},
    ],
)
def test_a_secret_in_a_wrong_place_is_not_shown(simple, change):
    assert SECRET not in str(simple.mistake(backup={**BACKUP, **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"credentials": {"AWS_REGION": "x"}},
        {"credentialsSecret": "my-secret"},
        {"identity": {"a/b": "c"}},
    ],
)
def test_a_volume_asks_for_no_credentials(simple, tell, change):
    (key,) = change
    mistake = simple.mistake(backup={**ON_VOLUME, **change})
    tell(mistake, file=FILE, path=f"hlf:backup.{key}", words="a store on a volume|take it out")


def test_all_mistakes_at_once(simple):
    mistakes = simple.mistakes(
        backup={"keys": "x", "key": "a", "schedule": "never", "retention": {"last": 0, "days": 0}},
        restoreFrom="a/b",
    )
    assert {each.path for each in mistakes} == {
        "hlf:backup.keys",
        "hlf:backup.store",
        "hlf:backup.passphrase",
        "hlf:backup.schedule",
        "hlf:backup.retention.last",
        "hlf:backup.retention.days",
        "hlf:restoreFrom",
    }


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"restoreFrom": "a"}, "nothing says where the backup is|`hlf:backup.store`"),
        ({"restoreFrom": "a", "backup": {}}, "nothing says where the backup is"),
        ({"restoreFrom": "a/b", "backup": BACKUP}, "`a/b` is no key of a backup|up to 100"),
        ({"restoreFrom": 7, "backup": BACKUP}, "`7` is no string"),
    ],
)
def test_a_wrong_restore(simple, tell, settings, words):
    tell(simple.mistake(**settings), file=FILE, path="hlf:restoreFrom", words=words)


def test_settings_without_secrets():
    settings = {
        "namespace": "dev",
        "backup": {**BACKUP, "credentials": {"AWS_X": SECRET}, "credentialsSecret": "my-secret"},
    }
    assert without_secrets(settings) == {
        "namespace": "dev",
        "backup": {"store": "az://hlf-backup/dev", "credentialsSecret": "my-secret"},
    }
    assert settings["backup"]["passphrase"] == SECRET
    assert without_secrets({"namespace": "dev"}) == {"namespace": "dev"}
    assert without_secrets({"backup": SECRET}) == {}
