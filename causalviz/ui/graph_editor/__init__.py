"""The two-way graph editor: a Components v2 mount of the pyvis document."""
