"""Everything that sets up, starts and operates Kartu: `up`, `test`, the `kartu` command, container files."""
