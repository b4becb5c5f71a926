"""What Careloop survives, tried out: real workers on a real broker are killed, stopped, cut off and starved, and nothing may be lost or differ."""
