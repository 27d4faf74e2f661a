"""Hyperledger Fabric in plain Python: the input files, the PKI, channel configuration, the clients.

Nothing in here imports Pulumi or Kubernetes.
"""
