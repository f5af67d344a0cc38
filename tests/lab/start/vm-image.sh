#!/bin/sh
# Makes what vm.sh runs from the file tree TREE, which has a kernel in it: OUT/{disk.raw, vmlinuz, initrd, key, host_key,
# speed} and a machine saved while it ran, OUT/{warm.qcow2, warm.state}. Root, or a user with subordinate ids.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in
'') ;;
inside) # the part that wants to be root over the tree's files
  mkdir -p "$OUT/up" "$OUT/work" "$OUT/root"
  mount -t overlay overlay -o "userxattr,lowerdir=$TREE,upperdir=$OUT/up,workdir=$OUT/work" "$OUT/root" 2>/dev/null ||
    mount -t overlay overlay -o "lowerdir=$TREE,upperdir=$OUT/up,workdir=$OUT/work" "$OUT/root"
  . "$here/down.sh"
  STATE=$OUT
  sign_in "$OUT/root"
  echo '/dev/vda / ext4 defaults,noatime 0 1' >"$OUT/root/etc/fstab"
  install -m 755 "$here/vm-beside.py" "$OUT/root/usr/local/sbin/beside"
  cat >"$OUT/root/etc/systemd/system/beside.service" <<'U'
[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service dev-virtio\x2dports-beside.device
Wants=dev-virtio\x2dports-beside.device
[Service]
ExecStart=/usr/local/sbin/beside
Restart=always
RestartSec=1
[Install]
WantedBy=sysinit.target
U
  # The addresses of qemu's own small network.
  cat >"$OUT/root/etc/systemd/system/address.service" <<'U'
[Unit]
DefaultDependencies=no
Before=network.target
Wants=network.target
After=sys-subsystem-net-devices-eth0.device
BindsTo=sys-subsystem-net-devices-eth0.device
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2'
[Install]
WantedBy=multi-user.target
U
  chroot "$OUT/root" systemctl enable beside.service address.service >/dev/null 2>&1
  cp -L "$OUT"/root/boot/vmlinuz-* "$OUT/vmlinuz"
  cp -L "$OUT"/root/boot/initrd.img-* "$OUT/initrd"
  chmod 644 "$OUT/vmlinuz" "$OUT/initrd"
  # 24 GB, of which only what is written takes room.
  truncate -s 24G "$OUT/disk.raw"
  mke2fs -q -F -t ext4 -E lazy_itable_init=1,lazy_journal_init=1 -d "$OUT/root" "$OUT/disk.raw"
  umount "$OUT/root"
  rm -rf "$OUT/up" "$OUT/work" "$OUT/root"
  exit 0
  ;;
esac

mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
for name in key host_key; do
  [ -e "$OUT/$name" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$OUT/$name" </dev/null
done
user=
[ "$(id -u)" = 0 ] || user='-U --map-root-user --map-auto'
export OUT TREE
# shellcheck disable=SC2086 # words on purpose
unshare $user -m sh "$0" inside

# A KVM within a virtual machine may open and still run next to nothing, so it is asked to boot this very kernel: a
# working one has missed its disk, and says so, within a second or two.
IMAGE=$OUT STATE=$OUT machine=''
cd "$OUT"
. "$here/down.sh"
. "$here/vm-run.sh"
echo tcg >speed
if [ -w /dev/kvm ]; then
  timeout 8 qemu-system-x86_64 -enable-kvm -cpu host,-arch-capabilities -m 256 -nodefaults -no-user-config -display none \
    -serial file:kvm.log -kernel vmlinuz -append 'console=ttyS0 earlyprintk=ttyS0 panic=-1' >/dev/null 2>&1 || :
  ! grep -qs 'Kernel panic' kvm.log || echo kvm >speed
  rm -f kvm.log
fi

# A name beside it, for the folder is renamed once it is complete.
qemu-img create -q -f qcow2 -b disk.raw -F raw warm.qcow2
trap '[ -z "$machine" ] || kill_all "$machine"' EXIT
run_machine "$OUT/warm.qcow2" "${PORT:?}"
python3 "$here/vm-save.py" beside monitor warm.state
wait $machine 2>/dev/null || :
machine=''
rm -f beside monitor qemu.log console.log
