"""The way in: other systems post what happens to customers, ingest checks it and hands it to the stream."""
