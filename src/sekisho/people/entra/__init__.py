"""What people and administrators agreed to, in Entra's words."""
