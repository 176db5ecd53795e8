"""From a photograph to the fields of the card in it: pure functions over frozen dataclasses, one stage a file."""
