"""What a person can do from the screen: load, decide (domain), write in one transaction, or refuse."""
