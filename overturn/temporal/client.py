"""The one way to a Temporal client: pydantic payloads, encrypted, failures included."""

from collections.abc import Mapping
from dataclasses import replace

from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, HeaderCodecBehavior
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadConverter,
)

from overturn.settings import Settings
from overturn.temporal.codec import EncryptionCodec


class TemporalUnreachableError(Exception):
    """No Temporal server answers; the message says where it was looked for and what to do."""


class FailuresWithoutStack(DefaultFailureConverterWithEncodedAttributes):
    """A failure keeps its kind and is encrypted; its stack is the log's, and names folders of the machine."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        super().to_failure(exception.with_traceback(None), payload_converter, failure)


def encrypted_converter(keys: Mapping[str, bytes], *, key_id: str) -> DataConverter:
    """Pydantic models to encrypted payloads. Messages and stack traces of failures are encrypted with them:
    an exception is where PHI leaks first."""
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(keys, key_id=key_id),
        failure_converter_class=FailuresWithoutStack,
    )


async def connect(settings: Settings) -> Client:
    """A client for a worker or a service.

    Raises:
        TemporalUnreachableError: nothing answers at the configured address.
    """
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=encrypted_converter(settings.payload_keys, key_id=settings.payload_key_id),
            header_codec_behavior=HeaderCodecBehavior.CODEC,
        )
    except RuntimeError:  # what the SDK raises for a connection that cannot be made
        raise TemporalUnreachableError(
            f"The workflow service does not answer at {settings.temporal_address}. "
            "Run `overturn up`, or set OVERTURN_TEMPORAL_ADDRESS."
        ) from None
