"""Every payload leaves this process under AES-256-GCM: Temporal keeps history for years, in clear.

Payloads hold ids, codes, dates and amounts only, so the codec is the second wall. Search attributes do not
pass through it, nor do workflow ids: both stay free of PHI.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING: Final = b"binary/encrypted"
KEY_ID: Final = "encryption-key-id"
NONCE_BYTES: Final = 12


class PayloadKeyError(Exception):
    """A payload cannot be read with the keys at hand; the message names the key and the way out."""


class EncryptionCodec(PayloadCodec):
    """Encrypts under one key, decrypts under any: a key that was replaced stays for reading."""

    def __init__(self, keys: Mapping[str, bytes], *, key_id: str) -> None:
        """`keys` are 32 bytes each, by id; `key_id` names the one that encrypts."""
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._key_id = key_id
        self._cipher = self._ciphers[key_id]

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, payload.SerializeToString(), self._key_id.encode())
        return Payload(
            metadata={"encoding": ENCODING, KEY_ID: self._key_id.encode()},
            data=nonce + sealed,
        )

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload  # a null or a payload of the server's own
        key_id = payload.metadata[KEY_ID].decode()
        if key_id not in self._ciphers:
            raise PayloadKeyError(
                f"A Temporal payload is encrypted under key '{key_id}', which this process does not have: "
                "add it to OVERTURN_PAYLOAD_RETIRED_KEYS."
            )
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(self._ciphers[key_id].decrypt(nonce, sealed, key_id.encode()))
        except InvalidTag:
            raise PayloadKeyError(
                f"A Temporal payload does not open with key '{key_id}': the key under that id was replaced "
                "(give each new key a new id), or the payload was changed."
            ) from None
