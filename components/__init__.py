"""What Kubernetes runs, as Pulumi components. Components never call Fabric."""
