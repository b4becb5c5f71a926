"""How Careloop is run and checked: images, the embedded system, the house rules."""
