"""What a person sees at the door: signing in, changing places, the lock."""
