"""Keys, certificates and MSPs, as cryptogen lays them out."""
