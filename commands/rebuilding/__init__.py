"""The steps of `inventory`: what must be rebuilt by hand, counted and laid out as a form."""
