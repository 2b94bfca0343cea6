"""XML that is signed: written and signed, read and verified. What stands in it is said by `spec/saml`."""
