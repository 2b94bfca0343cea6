"""What applications do in people's names with scopes that name their resource: who agreed, to what."""
