"""A mail catcher: takes every mail by SMTP, delivers none, and shows them in a web inbox and over a JSON API."""
