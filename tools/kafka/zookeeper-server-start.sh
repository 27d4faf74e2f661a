#!/bin/sh
# zookeeper-server-start.sh PROPERTIES: runs a ZooKeeper server.
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xmx512M -Xms512M}"
exec "$(dirname "$0")/kafka-run-class.sh" org.apache.zookeeper.server.quorum.QuorumPeerMain "$@"
