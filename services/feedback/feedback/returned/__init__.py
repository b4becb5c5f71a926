"""What comes back to a letter by mail: bounces, complaints, replies, and what machines answer."""
