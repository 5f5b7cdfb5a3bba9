"""What every door shares: settings, database session, translation of errors, progress, web security."""
