"""The forms by which a person answers: each hands over a frozen draft and never loses what was typed."""
