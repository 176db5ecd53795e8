"""`kartu bench load`: how much a Kartu on this machine accepts, how long jobs take, and what holds it within bounds."""
