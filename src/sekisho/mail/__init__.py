"""Messages for people: what is promised, how it looks on the wire, and how it leaves."""
