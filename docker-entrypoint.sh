#!/bin/sh
# Warn loudly when /data is not a volume: clicks that wait for Redis, and the signing keys, would go with the container.
if [ "$1" = "serve" ] && ! grep -q ' /data ' /proc/self/mountinfo; then
  echo '*************************************************************************' >&2
  echo '* WARNING: /data is not a volume. Signing keys, waiting clicks and the   *' >&2
  echo '* embedded Valkey are LOST with this container: visitors become unknown. *' >&2
  echo '* Run with:  -v vitrina-data:/data                                       *' >&2
  echo '*************************************************************************' >&2
fi
cd /app && exec python -m vitrina "$@"
