# shellcheck shell=sh
# Sourced by the verbs of package.json: goes to the top of the project and knows how to make each thing ready, once.

cd "$(dirname "$0")/.." || exit
top=$PWD
target=${CARGO_TARGET_DIR:-$top/target}

say() { printf '%s\n' "$*" >&2; }

# VERSION at least WANTED, both of three numbers
at_least() {
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$2" ]
}

need_rust() {
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml).0
  if ! command -v cargo >/dev/null 2>&1; then
    say "Plumbline is built with Rust $wanted or later, and there is no cargo here. https://rustup.rs installs it."
    exit 1
  fi
  found=$(cargo --version | cut -d ' ' -f 2 | cut -d - -f 1)
  at_least "$found" "$wanted" && return
  say "Plumbline needs Rust $wanted or later; here is $found. \`rustup update\` brings it."
  exit 1
}

need_node() {
  wanted=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json).0
  found=$(node --version | tr -d v)
  at_least "$found" "$wanted" && return
  say "Plumbline needs Node $wanted or later; here is $found."
  exit 1
}

# Runs `npm ci` in a folder, unless what it would install stands there already.
node_modules() { # FOLDER
  stamp=$1/node_modules/.installed-from
  mark=$(cksum <"$1/package-lock.json")-$(node --version)
  [ "$(cat "$stamp" 2>/dev/null || :)" != "$mark" ] || return 0
  say "installing the packages of $1"
  npm --prefix "$1" ci --no-audit --no-fund --loglevel=error
  printf '%s' "$mark" >"$stamp"
}

# Builds the UI, unless its result is newer than everything that it is made from.
ui() {
  node_modules ui
  if [ -e ui/dist/index.html ] &&
    [ -z "$(find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -newer ui/dist/index.html -print | head -n 1)" ]; then
    return 0
  fi
  say "building the window's pages"
  npm --prefix ui run build --silent >&2
}

# Every program of the workspace, with the UI inside the app. One set of features everywhere, so that nothing is built twice.
programs() {
  cargo build --workspace --bins --features plumbline/custom-protocol
}

# Tauri's command line, which only developing and packaging want; npm keeps it after the first time.
tauri() {
  npm exec --yes --package=@tauri-apps/cli@2.12.5 -- tauri "$@"
}

# A cargo tool in target/tools, once: NAME VERSION
tool() {
  command -v "$1" >/dev/null 2>&1 && return
  [ ! -x "$target/tools/bin/$1" ] || return 0
  say "installing $1 (once, into ${target#"$top"/}/tools)"
  CARGO_TARGET_DIR=$target/tools/build cargo install --quiet --locked --root "$target/tools" "$1@$2"
}

# A server that asks its own questions is written in Python, and tools that read servers as we do are too; their
# libraries live in target/tools, once.
asking_python() {
  python=$target/tools/python
  if ! "$python/bin/python" -c 'import asyncssh, cryptography' 2>/dev/null; then
    say "installing asyncssh (once, into ${target#"$top"/}/tools)"
    python3 -m venv "$python" && "$python/bin/pip" install --quiet --disable-pip-version-check asyncssh==2.24.1 || return
  fi
  if ! "$python/bin/python" -c 'import ansible, testinfra' 2>/dev/null; then
    say "installing ansible-core and testinfra (once, into ${target#"$top"/}/tools)"
    # Without them only the comparison with them is left out, and says so.
    "$python/bin/pip" install --quiet --disable-pip-version-check 'ansible-core>=2.16,<2.20' 'pytest-testinfra>=10,<11' || :
  fi
  if ! "$python/bin/python" -c 'import page' 2>/dev/null; then
    say "installing a checker of PDF/UA and PDF/A (once, into ${target#"$top"/}/tools)"
    # Without it only its word on the reports is left out, and that is said.
    "$python/bin/pip" install --quiet --disable-pip-version-check page-validation==0.11.0 || :
  fi
  export PLUMB_LAB_PYTHON="$python/bin/python"
}

# What reads the playbooks that leave the app: ansible-core and its reader of style, in target/tools, once.
ansible() {
  folder=$target/tools/ansible
  if ! "$folder/bin/ansible-lint" --version >/dev/null 2>&1; then
    say "installing ansible-core and ansible-lint (once, into ${target#"$top"/}/tools)"
    python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.19.14 ansible-lint==26.10.1 || return
  fi
  export PLUMB_LAB_ANSIBLE="$folder/bin"
}

# What reads the alerts that leave the app: promtool out of the package of Prometheus, without its service, once.
rule_reader() {
  command -v promtool >/dev/null 2>&1 && return
  [ ! -x "$target/tools/bin/promtool" ] || return 0
  command -v apt-get >/dev/null 2>&1 || return
  say "fetching promtool (once, into ${target#"$top"/}/tools)"
  mkdir -p "$target/tools/bin" "$target/tools/package" || return
  (
    cd "$target/tools/package" && apt-get -qq download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x -C .. ./usr/bin/promtool &&
      mv ../usr/bin/promtool ../bin/promtool
  )
  found=$?
  rm -rf "$target/tools/package" "$target/tools/usr"
  return "$found"
}
PATH=$PATH:$target/tools/bin
