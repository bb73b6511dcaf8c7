"""What kind of error ended an activity. It may be told; the message may hold anything and stays out."""

from temporalio.exceptions import ActivityError, ApplicationError


def kind_of(error: ActivityError) -> str:
    """The class name of what the activity raised, or of what Temporal ended it with."""
    cause = error.cause
    return (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__
