"""How people prove who they are: one file per factor."""
