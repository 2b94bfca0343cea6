"""The web: requests in, answers out. Nobody above or below can tell which server it is."""
