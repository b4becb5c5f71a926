"""The stream processor: Faust for membership, tables and recovery; lanes that hand raw records in batches to one handler."""
