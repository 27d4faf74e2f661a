"""Backups of nodes' files in an object store: encrypted, deduplicated, proved.

Knows folders, texts and bytes; what is in them, and where nodes run, others know.
"""
