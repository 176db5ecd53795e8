"""How fast cards are read, and where the time goes; not imported at run time."""
