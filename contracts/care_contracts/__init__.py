"""What crosses a boundary between Careloop's services, and nothing else; import the modules, this package exports nothing."""
