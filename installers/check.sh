#!/bin/sh
# npm run check: everything that reads the code and runs nothing. Goes through to the end and then says what was wrong.
set -eu
. "$(dirname "$0")/setup.sh"
need_rust
need_node
sh installers/dev-setup.sh core window check
node_modules ui
ui # the app's macro wants its pages

wrong='' passed=0 left=0
look() { # NAME COMMAND…
  name=$1
  shift
  say "== $name"
  if "$@"; then passed=$((passed + 1)); else wrong="$wrong, $name"; fi
}
leave() { # NAME REASON
  say "left out: $1: $2"
  left=$((left + 1))
}

look "cargo fmt" cargo fmt --all --check
look clippy cargo clippy --quiet --workspace --all-targets --features plumbline/custom-protocol -- -D warnings
look svelte-check npm --prefix ui run check --silent
look eslint npm --prefix ui run lint --silent
look prettier npm --prefix ui run format --silent
if command -v shellcheck >/dev/null 2>&1; then
  # shellcheck disable=SC2046 # our own file names have no spaces
  look shellcheck shellcheck -x $(git ls-files '*.sh' .ci/run)
else
  leave shellcheck "not installed"
fi
# Advisories need a database from the network, so they are the release workflow's; the rest is looked at here.
# It reads the packages of every system, of which building brings only those of this one.
if tool cargo-deny 0.20.2 && cargo fetch --quiet --locked; then
  look cargo-deny cargo deny --offline --log-level error check licenses bans sources
else
  leave cargo-deny "it or the packages that it reads could not be had"
fi
if command -v typos >/dev/null 2>&1 || tool typos-cli 1.52.0; then look typos typos; else leave typos "could not be installed"; fi

if [ -n "$wrong" ]; then
  say "check: $passed passed, $left left out; wrong: ${wrong#, }"
  exit 1
fi
say "check: $passed passed, $left left out"
