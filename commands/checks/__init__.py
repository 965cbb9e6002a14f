"""What is looked at before a load, each check with what it found, why that matters, and what to do next."""
