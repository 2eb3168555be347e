"""Parts of a page that own their widget keys and return a value."""
