"""The append-only record: canonical JSON, Merkle tree, signed notes."""
