#!/bin/sh
# At its first start, makes the node of this container and funds its account; then runs it.
set -eu
passphrase=${PASSPHRASE_FILE:-/run/secrets/passphrase}
chain=${CHAIN_HOME:-/chain}

[ -f "$PDX_HOME/config.yaml" ] || pdx init --localnet "$chain" --passphrase-file "$passphrase" --roles "$ROLES"
if [ ! -f "$PDX_HOME/funded" ]; then
	account=$(pdx keys show --passphrase-file "$passphrase" | awk '/^account/ { print $2 }')
	pdx-localnet fund --home "$chain" "$account" 10000MED
	touch "$PDX_HOME/funded"
fi
exec pdx daemon --passphrase-file "$passphrase"
