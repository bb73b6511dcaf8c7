"""What other systems tell us of files: one lies ready to be taken in."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from overturn.events.envelope import Event


class RemittanceReceived(Event):
    """A file was left for us; it is named and never carried, since a message may hold no patient's data.

    `path` is relative to the handoff folder. `sha256` is that of the bytes, in lower-case hex: with a path
    the file must have it, and where such a file is stored already nothing is read. One of the two is needed.
    """

    topic: ClassVar[str] = "remittance.received.v1"
    path: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None

    @model_validator(mode="after")
    def _names_a_file(self) -> Self:
        if self.path is None and self.sha256 is None:
            raise ValueError("path or sha256 is needed")
        return self
