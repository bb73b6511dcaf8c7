"""Where an appeal goes: a payer's addresses by line of business, level and channel, the most exact first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from overturn.domain.channel_names import ChannelName


class ContactError(ValueError):
    """The address cannot be used; the message says what is wrong with it."""


_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_FAX: Final = re.compile(r"\+?1?\d{10}")
_FORMS: Final = {
    ChannelName.FAX: (_FAX, "a fax number of ten digits"),
    ChannelName.EMAIL: (_EMAIL, "an e-mail address"),
    ChannelName.EMAIL_TO_FAX: (_EMAIL, "the e-mail address of the fax service"),
    ChannelName.SFTP: (re.compile(r"sftp://[^\s/]+/\S*"), "an address such as sftp://host/folder"),
    ChannelName.PORTAL: (re.compile(r"https://\S+"), "an address that begins with https://"),
}


@dataclass(frozen=True, slots=True)
class PayerContact:
    """One address. `payer` is a key of rules/payers.csv or the name a remittance has; None matches any
    line of business or level. `address` is lines from top to bottom, `destination` a number or an electronic
    address."""

    payer: str
    channel: ChannelName
    line_of_business: str | None = None
    level: int | None = None
    address: tuple[str, ...] = ()
    destination: str = ""
    source: str = ""

    @property
    def plain_destination(self) -> str:
        """As a channel takes it: a fax number is its digits alone."""
        if self.channel is ChannelName.FAX:
            return re.sub(r"[\s().-]", "", self.destination)
        return self.destination

    def fits(self, *, payers: Iterable[str | None], line_of_business: str | None, level: int) -> bool:
        known = {name.casefold() for name in payers if name}
        return (
            self.payer.casefold() in known
            and self.line_of_business in (None, line_of_business)
            and self.level in (None, level)
        )


def checked(contact: PayerContact) -> PayerContact:
    """The contact, if something can be sent to it.

    Raises:
        ContactError: no address lines for mail, or a number or address that cannot be one.
    """
    if contact.channel is ChannelName.MAIL:
        if not contact.address:
            raise ContactError("Mail needs the address, one line each: fill it in.")
        return contact
    form, wanted = _FORMS[contact.channel]
    if not form.fullmatch(contact.plain_destination):
        found = repr(contact.destination) if contact.destination else "Nothing"
        raise ContactError(f"{found} is not {wanted}: correct the number or address.")
    return contact


def find_contact(
    contacts: Iterable[PayerContact],
    *,
    payers: Iterable[str | None],
    line_of_business: str | None,
    level: int,
    channel: ChannelName,
) -> PayerContact | None:
    """The most exact address for this channel: with line of business and level before one for any of them.

    `payers` are the names the payer goes by: its key, and its name in the remittance.
    """
    names = tuple(payers)
    fitting = [
        contact
        for contact in contacts
        if contact.channel is channel
        and contact.fits(payers=names, line_of_business=line_of_business, level=level)
    ]
    return max(fitting, key=lambda c: (c.level is not None, c.line_of_business is not None), default=None)
