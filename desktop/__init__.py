"""The application: composition root, use cases, live state, imports, jobs, shell and command line."""
