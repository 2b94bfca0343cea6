"""The second factor of a person: set up, shown, taken away. What kinds there are is said by `factors`."""
