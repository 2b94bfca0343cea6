"""Software that registers itself: its registration, its devices, how it is told what is wrong."""
