"""People: users, roles, invitations, and how they prove who they are."""
