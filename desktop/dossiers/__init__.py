"""A dossier as a file of its own: written from a store, proved without one (docs/dossiers.md)."""
