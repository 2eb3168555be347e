"""How a store's database comes to the form of ``tables``, from whatever older form it has."""
