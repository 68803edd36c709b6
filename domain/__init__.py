"""The rules of supervision: what happened, which clock runs, who is late. Standard library only."""
