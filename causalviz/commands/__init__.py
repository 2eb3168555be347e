"""The commands: a module for each, with its arguments and what it does, and what several of them need."""
