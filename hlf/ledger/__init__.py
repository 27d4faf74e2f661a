"""A node's ledger without Fabric: its blocks, whether they are whole, and what its files are.

Everything works on bytes and names that the caller gives, so that a backup can be proved where it
lies. Nothing is written, and nothing is asked of a node.
"""
