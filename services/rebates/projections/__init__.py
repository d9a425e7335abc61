"""What can be asked of rebates, and how reactions and routes ask it."""
