"""The channels that this practice's settings open."""

from collections.abc import Mapping

from overturn.channels import Channel
from overturn.channels.folder import PrintFolder
from overturn.settings import Settings


def configured_channels(settings: Settings) -> Mapping[str, Channel]:
    """By name, in the order in which they are offered."""
    channels: list[Channel] = [PrintFolder(settings.print_folder)]
    return {channel.name: channel for channel in channels}
