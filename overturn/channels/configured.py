"""The channels that this practice's settings open."""

import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from overturn.channels import Channel
from overturn.channels.email import EmailChannel
from overturn.channels.fax import FaxChannel
from overturn.channels.folder import PrintFolder
from overturn.channels.portal import PortalChannel
from overturn.channels.sftp import SftpChannel
from overturn.domain.channel_names import ChannelName
from overturn.settings import Settings


def configured_channels(settings: Settings) -> Mapping[ChannelName, Channel]:
    """By name, in the order in which they are offered; mail and portal need no settings."""
    return {channel.name: channel for channel in _channels(settings)}


def _channels(settings: Settings) -> Iterator[Channel]:
    yield PrintFolder(settings.print_folder)
    if settings.fax_url:
        yield FaxChannel(settings.fax_url, _now, token=settings.fax_token.get_secret_value())
    if settings.smtp_host:
        mail = mail_server(settings)
        yield from (mail, mail.to_fax())
    if settings.sftp_key_file and settings.sftp_known_hosts:
        yield SftpChannel(settings.sftp_user, settings.sftp_key_file, settings.sftp_known_hosts, _now)
    yield PortalChannel(_now)


def mail_server(settings: Settings) -> EmailChannel:
    """The practice's own; `smtp_host` is set."""
    return EmailChannel(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_sender,
        _now,
        user_name=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        tls=ssl.create_default_context() if settings.smtp_tls else None,
    )


def _now() -> datetime:
    return datetime.now(UTC)
