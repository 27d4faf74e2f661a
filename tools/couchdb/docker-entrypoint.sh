#!/bin/sh
# The official image prepares configuration files here; the stand-in has none.
exec "$@"
