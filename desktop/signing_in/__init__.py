"""How somebody comes to sit at a seat: signing in, changing, locking, and being sent away."""
