"""Request smuggling by fuzzing: mutated requests go through a front, and every reader an origin may be judges them."""
