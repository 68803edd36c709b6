"""Alembic's entry: runs on the connection that `data_access.migrate` opened."""

from alembic import context

from data_access.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run through data_access.migrate, or pass a connection in the config")
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
