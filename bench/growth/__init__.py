"""How the gateway's times grow with the population: imported offline, so that millions of children are within reach."""
