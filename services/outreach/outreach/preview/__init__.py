"""A letter as one customer would get it, before anybody gets it: through the engine and the courier's own composing."""
