"""Installations of registered applications: what they ask for in their own name, and who lets them in."""
