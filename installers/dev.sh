#!/bin/sh
# npm run dev: the app with its pages served live; a change of either is seen at once.
set -eu
. "$(dirname "$0")/setup.sh"
need_rust
need_node
sh installers/dev-setup.sh core window
node_modules ui
tauri dev "$@"
