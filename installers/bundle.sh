#!/bin/sh
# npm run bundle: what users install, made for the system it runs on: .deb and .rpm on Linux (AppImage too with
# `-- --bundles appimage`, which downloads its tools), .dmg on macOS, an installer .exe on Windows.
set -eu
. "$(dirname "$0")/setup.sh"
need_rust
need_node
sh installers/dev-setup.sh core window
node_modules ui
case $(uname -s) in
Linux) kinds=deb,rpm ;;
Darwin) kinds=app,dmg ;;
*) kinds=nsis ;;
esac
# The command line goes into the same package.
say "building plumb"
cargo build --release -p cli
mkdir -p target/stage
cp "$target/release/plumb" target/stage/
case " $* " in
*" --bundles "*) tauri build --config installers/bundle.json "$@" ;;
*) tauri build --config installers/bundle.json --bundles $kinds "$@" ;;
esac
find "$target/release/bundle" -type f \( -name '*.deb' -o -name '*.rpm' -o -name '*.AppImage' -o -name '*.dmg' -o -name '*-setup.exe' \) \
  -exec ls -lh {} +
