"""The report as text, JSON, Markdown and one HTML page."""
