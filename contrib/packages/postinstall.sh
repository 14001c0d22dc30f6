#!/bin/sh
# Makes the account of the service. It starts nothing: a node first needs `pdx init`.
set -e
if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} pdx.conf
elif [ -z "$DPKG_ROOT" ] && ! getent passwd pdx >/dev/null; then
	useradd --system --home-dir /var/lib/pdx --shell /usr/sbin/nologin pdx
fi
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# An upgrade goes on with the new program; a service that does not run stays as it is.
	systemctl try-restart pdx.service
fi
