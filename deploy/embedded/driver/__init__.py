"""The world around the system: customers who buy, write, read, answer and leave, and colleagues who take care of tickets and tasks."""
