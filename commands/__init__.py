"""What people ask for, one file a command: the use case, and its click face."""
