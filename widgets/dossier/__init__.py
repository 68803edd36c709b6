"""A ticket's dossier: clocks against limits, log with hashes, why it is due, and what can be done."""
