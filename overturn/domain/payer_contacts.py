"""Where an appeal goes: a payer's addresses by line of business, level and channel, the most exact first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AppealChannel(StrEnum):
    """How an appeal reaches a payer."""

    MAIL = "mail"
    FAX = "fax"
    EMAIL = "email"
    EMAIL_TO_FAX = "email_to_fax"
    SFTP = "sftp"
    PORTAL = "portal"


class ContactError(ValueError):
    """The address cannot be used; the message says what is wrong with it."""


_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_FAX: Final = re.compile(r"\+?1?\d{10}")
_FORMS: Final = {
    AppealChannel.FAX: (_FAX, "a fax number of ten digits"),
    AppealChannel.EMAIL: (_EMAIL, "an e-mail address"),
    AppealChannel.EMAIL_TO_FAX: (_EMAIL, "the e-mail address of the fax service"),
    AppealChannel.SFTP: (re.compile(r"sftp://[^\s/]+/\S*"), "an address such as sftp://host/folder"),
    AppealChannel.PORTAL: (re.compile(r"https://\S+"), "an address that begins with https://"),
}


@dataclass(frozen=True, slots=True)
class PayerContact:
    """One address. `payer` is a key of rules/payers.csv or the name a remittance has; None matches any
    line of business or level. `address` is lines from top to bottom, `destination` a number or an electronic
    address."""

    payer: str
    channel: AppealChannel
    line_of_business: str | None = None
    level: int | None = None
    address: tuple[str, ...] = ()
    destination: str = ""
    source: str = ""

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
    if contact.channel is AppealChannel.MAIL:
        if not contact.address:
            raise ContactError("Mail needs the address, one line each: fill it in.")
        return contact
    form, wanted = _FORMS[contact.channel]
    plain = contact.destination
    if contact.channel is AppealChannel.FAX:
        plain = re.sub(r"[\s().-]", "", plain)
    if not form.fullmatch(plain):
        found = repr(contact.destination) if contact.destination else "Nothing"
        raise ContactError(f"{found} is not {wanted}: correct the number or address.")
    return contact


def find_contact(
    contacts: Iterable[PayerContact],
    *,
    payers: Iterable[str | None],
    line_of_business: str | None,
    level: int,
    channel: AppealChannel,
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
