"""A second factor at applications that take passwords and codes themselves: asked for, and shown."""
