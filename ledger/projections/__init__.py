"""Read models, folded from events in the transaction that appends them."""
