"""One module per change of form, each naming the one before it; once released, a module never changes."""
