"""Channels that peers join by a snapshot: what they need that the files and the settings decide."""

from hlf.spec.capabilities import has_lifecycle
from hlf.spec.files import Files
from hlf.spec.model import COUCHDB, Settings
from hlf.spec.network_yaml import ChannelEntry


def check(files: Files, settings: Settings) -> None:
    """Tell where a peer that joined by a snapshot would be one that nobody can look after."""
    for channel in files.network.channels:
        if channel.join_by_snapshot is None:
            continue
        if settings.state_database == COUCHDB:
            channel.join_by_snapshot.tell(
                "with `hlf:stateDatabase: CouchDB`, the states of a peer that joined by a snapshot "
                "are in no backup, and it has not all blocks to make them again",
                "take it out, so that peers join by the first block",
            )
        elif _is_legacy(files, channel, settings):
            channel.join_by_snapshot.tell(
                f"the channel `{channel.name.text}` has the chaincode lifecycle of Fabric 1, with "
                "which nobody has tried snapshots",
                "switch on the Application capability `V2_0`, or take it out, so that peers join "
                "by the first block",
            )


def _is_legacy(files: Files, channel: ChannelEntry, settings: Settings) -> bool:
    profile = files.configtx.profiles.get(channel.name.text)
    if profile is None or profile.application is None:
        return False
    own = (word.text for word in profile.application.capabilities)
    return settings.raise_application_capability is None and not has_lifecycle(own)
