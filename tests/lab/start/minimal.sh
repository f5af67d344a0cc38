#!/bin/sh
# The smallest server there is, in the folder $1: busybox and dropbear and what they load. No bash, no sudo, no systemd,
# no Python, no sftp, no package manager. Accounts: root, guest; passwords NAME-pw.
set -eu
root=$1
for folder in bin sbin usr/bin usr/sbin etc/dropbear etc/ssh root home/guest proc sys dev run tmp var/log; do
  mkdir -p "$root/$folder"
done
chmod 700 "$root/root"
chmod 1777 "$root/tmp"
place() { # PROGRAM WHERE: with its libraries and its loader
  cp "$1" "$root/$2"
  ldd "$1" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\).*/\1/p' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
}
PATH=$PATH:/usr/sbin:/sbin
busybox=$(command -v busybox)
place "$busybox" bin/busybox
for applet in $("$busybox" --list); do
  case $applet in dpkg* | rpm*) continue ;; esac # package managers, of a kind
  [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
done
place "$(command -v dropbear)" usr/sbin/dropbear
# Names of users are looked up through a library that nothing links to.
for library in /lib/*-linux-gnu/libnss_files.so.2 /lib64/libnss_files.so.2; do
  [ ! -e "$library" ] || { mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"; }
done
printf 'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/home/guest:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nguest:x:1000:\n' >"$root/etc/group"
echo /bin/sh >"$root/etc/shells"
# crypt(3), SHA-512: not every busybox can make them
cat >"$root/etc/shadow" <<'S'
root:$6$lab$as2In48UZf9wFfbSjcWzKk5JDpeEvDl4Oia7i1jrPQBSd0x/CwLdA6RFv3c0KnaVG4X4ldNjOEMTI9GbVU4Zk.:19000:0:99999:7:::
guest:$6$lab$Qd9hGwB4Y0vxYWsAnjzHuqQ4dsmMckSc1T8tO1wYfxfqN0wJQBXtpSNaQdcs2eG.uXEyT0WGQ8XXXvB.x2OHV1:19000:0:99999:7:::
S
chmod 600 "$root/etc/shadow"
chown -R 1000:1000 "$root/home/guest"
printf 'NAME="Minimal"\nID=minimal\nVERSION_ID=0\nPRETTY_NAME="Minimal 0"\n' >"$root/etc/os-release"
