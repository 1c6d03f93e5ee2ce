"""MailUp's other side as a second pure decider: it knows the rules and neither clock, chance nor socket."""
