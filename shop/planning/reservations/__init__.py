"""The promise engine: every accepted cake has its place in a book; a question finds the earliest place for one more."""
