"""What a machine without a cluster, a container engine or the Pulumi CLI needs to run this project.

``python3 -m tools COMMAND`` brings up a toolchain and a single-node Kubernetes of its own and runs
stacks on it. Standard library only: it runs before any virtual environment exists. Nothing here is
needed by users who have a cluster and the Pulumi CLI, and the program itself knows nothing of it.
"""
