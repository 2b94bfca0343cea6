"""OAuth and OpenID Connect endpoints: fetch, check, decide, write, answer."""
