"""Towns played by numbers: one seed is one plan, one plan is one history, and a plan that ends badly is cut short."""
