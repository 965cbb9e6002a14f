"""The outside world, one folder a neighbour; none imports another."""
