"""Which address an appeal goes to, and which one can be none."""

import pytest

from overturn.domain.channel_names import ChannelName
from overturn.domain.payer_contacts import ContactError, PayerContact, checked, find_contact

MAIL, FAX = ChannelName.MAIL, ChannelName.FAX


def contact(street: str, **changes: object) -> PayerContact:
    given: dict[str, object] = {"payer": "aetna", "channel": MAIL, "address": (street,), **changes}
    return PayerContact(**given)  # type: ignore[arg-type]


ANY = contact("any")
LEVEL = contact("level", level=2)
LINE = contact("line", line_of_business="Commercial")
BOTH = contact("both", level=2, line_of_business="Commercial")


def find(*contacts: PayerContact, level: int = 2, line: str = "Commercial") -> PayerContact | None:
    return find_contact(contacts, payers=("aetna", "AETNA"), line_of_business=line, level=level, channel=MAIL)


def test_the_most_exact_address_wins_in_any_order() -> None:
    assert find(ANY, LEVEL, LINE, BOTH) == find(BOTH, LINE, LEVEL, ANY) == BOTH
    assert find(ANY, LINE, LEVEL) == LEVEL
    assert find(ANY, LINE) == LINE


def test_an_address_of_another_level_line_or_channel_is_not_used() -> None:
    assert find(LEVEL, level=1) is None
    assert find(LINE, line="Medicaid") is None
    assert find(contact("fax", channel=FAX)) is None


@pytest.mark.parametrize(
    ("payer", "fits"), [("Aetna", True), ("AETNA", True), ("Aetna Better Health", False)]
)
def test_a_payer_is_known_by_key_or_name_in_any_case(payer: str, fits: bool) -> None:
    assert (find(contact("x", payer=payer)) is not None) is fits


def test_nobody_is_found_for_a_payer_without_a_name() -> None:
    assert find_contact([ANY], payers=(None, None), line_of_business=None, level=1, channel=MAIL) is None


@pytest.mark.parametrize(
    ("channel", "destination"),
    [
        (FAX, "(555) 555-0100"),
        (FAX, "+1 555 555 0100"),
        (ChannelName.EMAIL, "appeals@plan.test"),
        (ChannelName.EMAIL_TO_FAX, "5555550100@fax.test"),
        (ChannelName.SFTP, "sftp://files.plan.test/in"),
        (ChannelName.PORTAL, "https://plan.test/appeals"),
    ],
)
def test_an_address_of_the_right_form_is_taken(channel: ChannelName, destination: str) -> None:
    taken = PayerContact("aetna", channel, destination=destination)
    assert checked(taken) is taken


@pytest.mark.parametrize(
    ("channel", "destination", "problem"),
    [
        (FAX, "555-0100", "is not a fax number of ten digits"),
        (FAX, "", "Nothing"),
        (ChannelName.EMAIL, "appeals at plan", "is not an e-mail address"),
        (ChannelName.EMAIL, "a@b.test\nBcc: all@b.test", "is not an e-mail address"),
        (ChannelName.PORTAL, "http://plan.test", "begins with https://"),
        (ChannelName.SFTP, "files.plan.test", "sftp://host/folder"),
        (MAIL, "", "Mail needs the address"),
    ],
)
def test_an_address_nothing_can_be_sent_to_is_refused(
    channel: ChannelName, destination: str, problem: str
) -> None:
    with pytest.raises(ContactError, match=problem):
        checked(PayerContact("aetna", channel, destination=destination))
