"""The 999 (005010X231A1): whether the clearinghouse could read one day's 837P at all."""

from collections.abc import Iterator

from overturn.synthetic.claim_file import CLAIM_VERSION, TRANSACTION_NUMBER
from overturn.synthetic.segments import Segment

FUNCTIONAL_VERSION = "005010X231A1"

REQUIRED_SEGMENT_MISSING = "3"
SET_IN_ERROR = "5"
BILLING_ADDRESS_POSITION = "9"  # of the N3 that should follow the billing provider's name, counted from ST
BILLING_LOOP = "2010"


def functional_acknowledgement(group_control_number: int, *, refused: bool) -> Iterator[Segment]:
    """The segments between ST and SE: the one 837P of the group taken, or refused for its missing N3."""
    status, taken = ("R", "0") if refused else ("A", "1")
    errors = (SET_IN_ERROR,) if refused else ()
    yield ("AK1", "HC", str(group_control_number), CLAIM_VERSION)
    yield ("AK2", "837", f"{TRANSACTION_NUMBER:04d}", CLAIM_VERSION)
    if refused:
        yield ("IK3", "N3", BILLING_ADDRESS_POSITION, BILLING_LOOP, REQUIRED_SEGMENT_MISSING)
    yield ("IK5", status, *errors)
    yield ("AK9", status, "1", "1", taken)
