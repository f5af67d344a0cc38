#!/bin/sh
# npm test: sets up, builds, runs every test. `npm run test:full` runs the long matrices whole as well.
# Words after `npm test --` go to the runner of the Rust tests, as in `npm test -- lab`.
set -eu
. "$(dirname "$0")/setup.sh"
need_rust
need_node
if [ "${1:-}" = full ]; then
  export PLUMB_FULL=1
  shift
fi
sh installers/dev-setup.sh core window test

say "== the window's pages: types and unit tests"
ui
npm --prefix ui run check --silent
npm --prefix ui test --silent

say "== building"
programs
tool tauri-driver 2.1.0 || say "tauri-driver could not be installed; the tests of the real window will say so"
asking_python || say "asyncssh could not be installed; the tests that need it will say so"
ansible || say "ansible-core could not be installed; the tests that need it will say so"
rule_reader || say "promtool could not be fetched; the tests that need it will say so"

say "== every test"
export PLUMB_SLOW=1 PLUMB_LEFT_OUT="$target/left-out"
# A bus of our own and no screen, so that no test meets this computer's secrets and windows. Who needs a screen starts one.
unset DISPLAY WAYLAND_DISPLAY
within=
if command -v dbus-run-session >/dev/null 2>&1; then within="dbus-run-session --"; fi
export PLUMBLINE_APP="$target/debug/plumbline" PLUMBLINE_CLI="$target/debug/plumb"
features='--workspace --features plumbline/custom-protocol'
color=never
[ ! -t 2 ] || color=always
export CARGO_TERM_COLOR=$color
# Half of what the tests do is wait, for timers and for boots: one more at once than there are cores.
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
export NEXTEST_TEST_THREADS="${NEXTEST_TEST_THREADS:-$((cores + 1))}"
if cargo nextest --version >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # words on purpose
  cargo test --quiet --doc $features
  # shellcheck disable=SC2086
  exec node installers/left-out.mjs $within cargo nextest run $features --no-fail-fast "$@"
else
  # shellcheck disable=SC2086
  exec node installers/left-out.mjs $within cargo test $features --no-fail-fast "$@"
fi
