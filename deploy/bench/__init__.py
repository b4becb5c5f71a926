"""Speed, measured: `python -m deploy.bench NAME` prints one line of JSON."""
