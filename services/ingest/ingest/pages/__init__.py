"""What developers of other systems read: the OpenAPI document and the page about the events."""
