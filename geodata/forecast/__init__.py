"""Children of later school years: cohorts grown older, births, migration and new homes."""
