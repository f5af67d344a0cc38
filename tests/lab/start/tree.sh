#!/bin/sh
# Builds the file tree of a small real Debian server: words RELEASE, OUT (made), EXTRA (more packages, comma separated).
#
# The packages come from wherever this machine's own come from; PLUMB_LAB_MIRROR overrides that. Without root the tree is
# built in a user namespace and belongs to its ids. Exit 77: this machine cannot, and the last line says why.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cannot() {
  echo "$*" >&2
  exit 77
}
command -v mmdebstrap >/dev/null || cannot "mmdebstrap is not installed"

# shellcheck disable=SC2016 # apt's own variable
sources=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sort -u || :)
archive=${PLUMB_LAB_MIRROR:-$(printf '%s\n' "$sources" | grep -E '/debian/?$' | head -n 1 || :)}
security=$(printf '%s\n' "$sources" | grep -E '/debian-security/?$' | head -n 1 || :)
[ -n "$archive" ] || cannot "this machine has no Debian archive among its package sources; set PLUMB_LAB_MIRROR"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f $keyring ] || cannot "debian-archive-keyring is not installed"

include=systemd-sysv,udev,dbus,libpam-systemd,openssh-server,sudo,nftables,ufw,iproute2,procps,kmod,iputils-ping
include=$include,ca-certificates,python3-minimal,tzdata,netbase,debian-archive-keyring,systemd-timesyncd,curl,attr,acl
include=$include,tcsh,zsh${EXTRA:+,$EXTRA}

if [ "$(id -u)" = 0 ]; then
  mode=root format=directory target=$OUT
else
  mode=unshare format=tar target=$OUT.tar
fi
build() { # SECURITY-ARCHIVE or nothing
  rm -rf "$target"
  {
    echo "deb [signed-by=$keyring] $archive $RELEASE main"
    [ -z "$1" ] || echo "deb [signed-by=$keyring] $1 $RELEASE-security main"
  } | mmdebstrap --mode=$mode --variant=minbase --include="$include" --format=$format \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --skip=cleanup/apt/lists --customize-hook="sh '$here/tree-inside.sh' \"\$1\" $RELEASE" \
    "$RELEASE" "$target" - >&2
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# An archive's copy may list a security package that it does not hold: once more without that part.
if ! build "$security" 2>"$log"; then
  cat "$log" >&2
  grep -qE '404|Failed to fetch' "$log" && build "" || exit 1
fi
if [ $mode = unshare ]; then
  # Owners as they will be seen by a root made with --map-root-user --map-auto.
  mkdir -p "$OUT"
  unshare -U --map-root-user --map-auto tar -C "$OUT" --exclude='./dev/*' -xpf "$OUT.tar"
  rm -f "$OUT.tar"
fi
