#!/bin/sh
# kafka-run-class.sh CLASS ARGUMENTS: runs a class of Kafka or ZooKeeper in this shell's place.
#
# Heeds the variables that the official script does: JAVA_HOME, KAFKA_HEAP_OPTS, KAFKA_OPTS,
# KAFKA_JVM_PERFORMANCE_OPTS, KAFKA_LOG4J_OPTS, LOG_DIR. Nothing is written beside the program.
kafka=$(cd "$(dirname "$0")/.." && pwd)
# The options are lists of words.
# shellcheck disable=SC2086
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" \
	${KAFKA_HEAP_OPTS:--Xmx256M} \
	${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC -XX:MaxGCPauseMillis=20} \
	-Djava.awt.headless=true \
	-Dkafka.logs.dir="${LOG_DIR:-/tmp}" \
	${KAFKA_LOG4J_OPTS:--Dlog4j.configuration=file:$kafka/config/log4j.properties} \
	$KAFKA_OPTS \
	-cp "$kafka/libs/*" "$@"
