"""The house rules that no off-the-shelf linter knows; `python -m deploy.house` checks them."""
