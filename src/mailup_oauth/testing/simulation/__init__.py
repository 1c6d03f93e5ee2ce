"""Client and MailUp in one process, a move at a time: processes that die, a wire that breaks, a clock, and a referee."""
