"""The journal: what happened to each customer, what was decided and why, and what became of it, in SQL; and its explanation in plain words."""
