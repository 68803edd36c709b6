"""The world's errors: what went wrong outside the program, and what to do about it.

Two kinds of error exist. The world's (no disk, no database, a file that cannot be read) derive from
`WorldError`; the command line prints them as one or two lines and ends with code 2. All others are ours:
they go to the log with a traceback.
"""


class WorldError(Exception):
    """Something outside the program is not as it should be.

    `message` says what, in one line; `way_out` says what the reader can do, in one line, or is empty.
    """

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out
