"""Insurance: plans, coverages, settlements, claims and their decisions."""
