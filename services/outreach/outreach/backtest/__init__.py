"""Backtest: what a playbook would have done, told by replaying a real log through the engine that decides live."""
