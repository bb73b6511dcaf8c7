"""The names of the ways to a payer: the same in addresses, limits, steps, sendings and on pages."""

from enum import StrEnum
from typing import Final


class ChannelName(StrEnum):
    """How an appeal or a corrected claim reaches a payer."""

    MAIL = "mail"
    FAX = "fax"
    EMAIL = "email"
    EMAIL_TO_FAX = "email_to_fax"
    SFTP = "sftp"
    PORTAL = "portal"
    CLEARINGHOUSE = "clearinghouse"
    PHONE = "phone"

    @classmethod
    def _missing_(cls, value: object) -> "ChannelName | None":
        """Histories of running cases may still have the names that came first."""
        return {"print": cls.MAIL, "claims": cls.CLEARINGHOUSE}.get(str(value))


APPEAL_CHANNELS: Final = (
    *(ChannelName.MAIL, ChannelName.FAX, ChannelName.EMAIL),
    *(ChannelName.EMAIL_TO_FAX, ChannelName.SFTP, ChannelName.PORTAL),
)
"""Those a payer has an address for; a package can be made for each."""
