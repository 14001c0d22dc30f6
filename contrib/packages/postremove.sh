#!/bin/sh
# Leaves /var/lib/pdx and /etc/pdx, even at a purge: they hold the keys to the account's money.
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "$1" = purge ] && [ -d "$DPKG_ROOT/var/lib/pdx" ]; then
	echo "pdx: $DPKG_ROOT/var/lib/pdx is kept, because it holds keys and deals; delete it by hand"
fi
