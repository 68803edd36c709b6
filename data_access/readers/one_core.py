"""Reading without haste: for what is read again and again beside other work on the same machine."""

from sqlalchemy import Connection, text


def on_one_core(connection: Connection) -> None:
    """Let nothing that is read in the rest of this transaction start parallel workers.

    They would take the cores from the window and the other backends; a wall's warnings were no quicker with
    two of them (1,000,000 tickets, two cores).
    """
    connection.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
