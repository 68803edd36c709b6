"""The gate: rights, rows and the chain of the log, kept by the database itself (product.md, Rights)."""
