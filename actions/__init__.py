"""What Fabric is told, as managed resources: one dynamic provider per module.

The module path and class name of a provider are stored in every stack's state, so they are a
storage format: they may move only with a re-export at the old place.
"""
