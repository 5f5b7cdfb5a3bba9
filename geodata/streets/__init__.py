"""Streets as a network, and walks on it."""
