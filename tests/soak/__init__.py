"""Losing nothing, tested by force: the real app in a child process that is killed again and again while people label in a real browser."""
