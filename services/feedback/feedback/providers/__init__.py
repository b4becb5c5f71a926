"""What mail providers tell by webhook of the letters that went through them, in the same words as what comes back by mail."""
