"""Channel configuration: policies, building, reading, the update between two, the plain form."""
