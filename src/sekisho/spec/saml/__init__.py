"""SAML assertions and metadata: what stands in them, and what has to (SAML 2.0 and 1.1 core)."""
