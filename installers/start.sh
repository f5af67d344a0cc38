#!/bin/sh
# npm start: sets up, builds, opens the window. Without a display it checks this computer and writes the PDF instead.
# Words after `npm start --` go to the program.
set -eu
. "$(dirname "$0")/setup.sh"
need_rust
need_node

# Where there is no window the app is not even built: `plumb` walks the same way.
without_window() {
  sh installers/dev-setup.sh core
  say "building (the first time takes some minutes)"
  cargo build -p cli
  role=${PLUMB_ROLE:-statemesh/developer}
  pdf=$PWD/plumbline-report.pdf
  say "No display here, so no window: checking this computer for the role $role instead."
  say "Another role: PLUMB_ROLE=… npm start; all roles: $target/debug/plumb roles"
  code=0
  "$target/debug/plumb" check --here --role "$role" --pdf "$pdf" "$@" || code=$?
  # 0 ready, 1 not ready, 2 could not tell: all three are answers.
  [ $code -le 2 ] || exit $code
  say "The report is in $pdf"
}

case $(uname -s) in
Darwin) [ -n "${SSH_CONNECTION:-}" ] && display="" || display=yes ;;
*) display=${WAYLAND_DISPLAY:-}${DISPLAY:-} ;;
esac
if [ -z "$display" ]; then
  without_window "$@"
  exit 0
fi

sh installers/dev-setup.sh core window
ui
say "building (the first time takes some minutes; this build is quick to make, \`npm run bundle\` makes one to install)"
programs
begun=$(date +%s)
code=0
"$target/debug/plumbline" "$@" || code=$?
if [ $code != 0 ] && [ $(($(date +%s) - begun)) -lt 5 ]; then
  say "The window did not open (exit $code)."
  without_window
fi
