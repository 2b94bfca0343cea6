"""For servers of protected APIs in Python: each request is shown to a Sekisho server's gate first."""
