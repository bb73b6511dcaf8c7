"""What Temporal gets to see, and what a change of keys means."""

import os

import pytest
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter

from overturn.temporal.client import encrypted_converter
from overturn.temporal.codec import EncryptionCodec, PayloadKeyError

CANARY = "Canary Nightingale, member 4711"
OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def payload(text: str = CANARY) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=text.encode())


@pytest.mark.asyncio
async def test_what_goes_in_comes_out() -> None:
    codec = EncryptionCodec({"1": OLD}, key_id="1")
    assert await codec.decode(await codec.encode([payload(), payload("other")])) == [
        payload(),
        payload("other"),
    ]


@pytest.mark.asyncio
async def test_nothing_stands_in_clear() -> None:
    (sealed,) = await EncryptionCodec({"1": OLD}, key_id="1").encode([payload()])
    raw = sealed.SerializeToString()
    assert b"Canary" not in raw
    assert b"json/plain" not in raw
    assert sealed.metadata["encryption-key-id"] == b"1"


@pytest.mark.asyncio
async def test_the_same_payload_never_looks_the_same() -> None:
    codec = EncryptionCodec({"1": OLD}, key_id="1")
    one, other = await codec.encode([payload(), payload()])
    assert one.data != other.data


@pytest.mark.asyncio
async def test_after_a_rotation_old_payloads_are_read_and_new_ones_use_the_new_key() -> None:
    (before,) = await EncryptionCodec({"1": OLD}, key_id="1").encode([payload()])
    rotated = EncryptionCodec({"1": OLD, "2": NEW}, key_id="2")
    assert await rotated.decode([before]) == [payload()]
    (after,) = await rotated.encode([payload()])
    assert after.metadata["encryption-key-id"] == b"2"


@pytest.mark.asyncio
async def test_a_missing_key_is_named_with_the_way_out() -> None:
    (sealed,) = await EncryptionCodec({"1": OLD}, key_id="1").encode([payload()])
    with pytest.raises(PayloadKeyError, match=r"key '1'.*OVERTURN_PAYLOAD_RETIRED_KEYS"):
        await EncryptionCodec({"2": NEW}, key_id="2").decode([sealed])


@pytest.mark.asyncio
async def test_another_key_under_the_same_id_opens_nothing() -> None:
    (sealed,) = await EncryptionCodec({"1": OLD}, key_id="1").encode([payload()])
    with pytest.raises(PayloadKeyError, match="give each new key a new id"):
        await EncryptionCodec({"1": NEW}, key_id="1").decode([sealed])


@pytest.mark.asyncio
@pytest.mark.parametrize("position", [0, 11, 12, -1])
async def test_a_changed_byte_is_noticed(position: int) -> None:
    codec = EncryptionCodec({"1": OLD}, key_id="1")
    (sealed,) = await codec.encode([payload()])
    changed = bytearray(sealed.data)
    changed[position] ^= 1
    sealed.data = bytes(changed)
    with pytest.raises(PayloadKeyError, match="was changed"):
        await codec.decode([sealed])


@pytest.mark.asyncio
async def test_what_was_never_encrypted_passes() -> None:
    assert await EncryptionCodec({"1": OLD}, key_id="1").decode([payload()]) == [payload()]


def converter() -> DataConverter:
    return encrypted_converter({"1": os.urandom(32)}, key_id="1")


def fail() -> None:
    raise ValueError(CANARY)


@pytest.mark.asyncio
async def test_a_failure_hides_its_message_and_its_stack() -> None:
    failure = Failure()
    used = converter()
    try:
        fail()
    except ValueError as error:
        await used.encode_failure(error, failure)
    raw = failure.SerializeToString()
    assert b"Canary" not in raw
    assert b"test_codec" not in raw
    assert used.payload_codec is not None
    (opened,) = await used.payload_codec.decode([failure.encoded_attributes])
    assert CANARY.encode() in opened.data
    assert b"test_codec" not in opened.data, "the stack names folders of the machine"
    assert CANARY in str(await used.decode_failure(failure))


@pytest.mark.asyncio
async def test_values_go_through_the_converter_encrypted() -> None:
    used = converter()
    encoded = Payloads(payloads=await used.encode([{"reason": CANARY}]))
    assert b"Canary" not in encoded.SerializeToString()
    assert await used.decode(encoded.payloads) == [{"reason": CANARY}]
