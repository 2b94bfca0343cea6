"""Mail: where it is handed over, and what may stand in one of its lines."""
