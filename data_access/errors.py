"""What goes wrong with the store: the world's faults, each with a way out in the user's words."""


class StoreError(Exception):
    """The store cannot be reached or used. `way_out` tells the user what to do."""

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out


class VersionConflictError(Exception):
    """Somebody wrote to the same stream first: `expected` is not `found`. Read again and decide anew."""

    def __init__(self, stream: str, expected: int, found: int) -> None:
        super().__init__(f"{stream}: expected version {expected}, found {found}")
        self.stream = stream
        self.expected = expected
        self.found = found
