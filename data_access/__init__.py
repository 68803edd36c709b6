"""PostgreSQL: the event log, the cached states that follow from it, and the readers. No Qt."""
