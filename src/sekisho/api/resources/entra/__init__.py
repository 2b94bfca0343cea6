"""Resources for applications in Entra's words, and whose word counts here."""
