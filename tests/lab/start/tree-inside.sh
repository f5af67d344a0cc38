#!/bin/sh
# Makes a fresh Debian tree ($1) of release $2 into a server: accounts, sudo rules, sshd, a package archive of its own.
#
# Accounts, each with the password NAME-pw:  root · admin (sudo without a password) · op (sudo with its password) ·
# guest (no sudo) · terminal (sudo, but requiretty) · csh, zsh (login shells; sudo without a password) ·
# expired (password has run out) · nologin (no shell) · files (sftp only)
set -eu
tree=$1 release=$2
in_tree() { chroot "$tree" "$@"; }

echo server >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 server\n::1 localhost\n' >"$tree/etc/hosts"
: >"$tree/etc/machine-id"
echo 'LANG=C.UTF-8' >"$tree/etc/default/locale"

account() { in_tree useradd -m -s "$2" "$1"; }
for name in admin op guest terminal expired files; do account $name /bin/bash; done
account csh /bin/tcsh
account zsh /bin/zsh
account nologin /usr/sbin/nologin
for name in root admin op guest terminal csh zsh expired nologin files; do echo "$name:$name-pw"; done | in_tree chpasswd
in_tree chage -d 0 expired
{
  echo 'admin, csh, zsh ALL=(ALL:ALL) NOPASSWD: ALL'
  echo 'op, terminal ALL=(ALL:ALL) ALL'
  echo 'Defaults:terminal requiretty'
} >"$tree/etc/sudoers.d/accounts"
chmod 440 "$tree/etc/sudoers.d/accounts"
in_tree visudo -cq

mkdir -p "$tree/etc/ssh/sshd_config.d"
cat >"$tree/etc/ssh/sshd_config.d/50-server.conf" <<'C'
PermitRootLogin yes
PasswordAuthentication yes
UseDNS no
C
printf 'Match User files\n  ForceCommand internal-sftp\n' >>"$tree/etc/ssh/sshd_config"

# Addresses are set from outside; nothing may wait for a network or run by the clock in the middle of a test.
in_tree systemctl disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer >/dev/null 2>&1 || :
in_tree systemctl mask systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service >/dev/null 2>&1 || :

# An archive of its own, so that installing, updating and "a security update is pending" give the same answer every day
# and need no network: lab-demo 1.0 is installed, 1.1 waits in an archive that calls itself Debian-Security; jq,
# chrony and fail2ban can be installed.
archive=$tree/srv/archive
mkdir -p "$archive"
demo() { # VERSION FILE
  dir=$(mktemp -d)
  mkdir -p "$dir/DEBIAN" "$dir/usr/share/lab-demo"
  echo "$1" >"$dir/usr/share/lab-demo/version"
  printf 'Package: lab-demo\nVersion: %s\nArchitecture: all\nMaintainer: lab <lab@localhost>\nDescription: demo\n' "$1" \
    >"$dir/DEBIAN/control"
  chmod 755 "$dir"
  dpkg-deb --root-owner-group -Zgzip -b "$dir" "$2" >/dev/null
  rm -rf "$dir"
}
demo 1.0 "$tree/tmp/lab-demo.deb"
in_tree dpkg -i /tmp/lab-demo.deb >/dev/null
rm "$tree/tmp/lab-demo.deb"
demo 1.1 "$archive/lab-demo_1.1_all.deb"
for package in jq chrony fail2ban; do
  # shellcheck disable=SC2016 # expanded in the tree
  in_tree sh -c 'cd /srv/archive && apt-get -o APT::Sandbox::User=root download $(
    apt-get -s -o Debug::NoLocking=1 --no-install-recommends install "$1" | sed -n "s/^Inst \([^ ]*\).*/\1/p")' - $package \
    >/dev/null || echo "tree: no $package in the archive" >&2
done
for deb in "$archive"/*.deb; do
  dpkg-deb -f "$deb"
  echo "Filename: ./${deb##*/}"
  echo "Size: $(stat -c %s "$deb")"
  echo "SHA256: $(sha256sum <"$deb" | cut -d ' ' -f 1)"
  echo
done >"$archive/Packages"
{
  printf 'Origin: Debian\nLabel: Debian-Security\nSuite: %s-security\nCodename: %s-security\n' "$release" "$release"
  printf 'Date: %s\nSHA256:\n' "$(LC_ALL=C date -Ru)"
  printf ' %s %s Packages\n' "$(sha256sum <"$archive/Packages" | cut -d ' ' -f 1)" "$(stat -c %s "$archive/Packages")"
} >"$archive/Release"
rm -f "$tree/etc/apt/sources.list" "$tree"/etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/archive ./' >"$tree/etc/apt/sources.list"
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/archives/*.deb
in_tree apt-get -o APT::Sandbox::User=root update >/dev/null
# Only now: the downloads above needed names.
rm -f "$tree/etc/resolv.conf"
: >"$tree/etc/resolv.conf"
