"""Administration of peers and orderers, and transactions, over gRPC.

Calls are synchronous, bounded in time and may be made from many threads at once. Orderers' channel
participation API is HTTP. What is done offline (`peer node unjoin`) is not in here.
"""

import os

# gRPC writes TLS failures to stderr beside the errors that it raises. It reads this when it is
# imported, so a program that imports grpc earlier sets it itself.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
