"""The administration verbs: every door that changes a tenant comes through here."""
