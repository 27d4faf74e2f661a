"""What runs in the cluster: backups and restores, as Kubernetes Jobs, and workers on volumes."""
