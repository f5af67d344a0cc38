#!/bin/sh
# The first process of the namespaces that userns.sh made: puts the root together and becomes the ssh server.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/down.sh"
cd "$STATE"
mkdir -p up work root
root=$STATE/root
if [ "$SERVER" = sshd ]; then
  # `userxattr` is what an overlay of a user namespace wants; older kernels know it not and want it not.
  mount -t overlay overlay -o "userxattr,lowerdir=$TREE,upperdir=$STATE/up,workdir=$STATE/work" root 2>/dev/null ||
    mount -t overlay overlay -o "lowerdir=$TREE,upperdir=$STATE/up,workdir=$STATE/work" root
else
  mount --bind root root
  sh "$here/minimal.sh" "$root"
fi
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind /dev/$device "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/run/sshd"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
# This machine's kernel is not the server's to change. What belongs to the network namespace is.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
ip link set lo up
hostname server
sign_in "$root"
# Nor are its disks, clock, modules and swap: without these rights, root inside cannot get at them.
rights=-sys_admin,-sys_module,-sys_boot,-sys_time,-sys_rawio,-mknod,-mac_admin,-mac_override,-syslog
if [ "$SERVER" = sshd ]; then
  exec setpriv --bounding-set "$rights" chroot "$root" /usr/sbin/sshd -D -e -p 22
else
  dropbearconvert openssh dropbear host_key "$root/etc/dropbear/host_key" 2>/dev/null
  exec setpriv --bounding-set "$rights" chroot "$root" /usr/sbin/dropbear -F -E -r /etc/dropbear/host_key -p 22
fi
