# shellcheck shell=sh
# How the machine is run; the same words when it is saved and when it goes on, or its state does not fit.

# Memory so that what the system calls its total is above 4 GB; most of it stays untouched.
MEMORY=4608 CPUS=2

run_machine() { # DISK PORT MORE…: sets `machine`; its console goes to console.log, and STATE/beside is a way in beside ssh
  disk=$1 port=$2
  shift 2
  line='root=/dev/vda rw console=ttyS0 quiet net.ifnames=0'
  if [ "$(cat "$IMAGE/speed")" = kvm ]; then
    speed='-enable-kvm -cpu host,-arch-capabilities'
  else
    # The processor is worked out in software, where guarding it against itself only costs.
    speed='-accel tcg,thread=multi -cpu Nehalem'
    line="$line mitigations=off"
  fi
  rm -f beside monitor
  # shellcheck disable=SC2086 # words on purpose
  setsid qemu-system-x86_64 $speed -m $MEMORY -smp $CPUS -nodefaults -no-user-config -display none \
    -kernel "$IMAGE/vmlinuz" -initrd "$IMAGE/initrd" -append "$line" \
    -drive "file=$disk,if=virtio,format=qcow2,cache=unsafe,discard=unmap" \
    -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net \
    -device virtio-rng-pci -device virtio-serial -chardev socket,id=beside,path=beside,server=on,wait=off \
    -device virtserialport,chardev=beside,name=beside -serial file:console.log \
    -qmp unix:monitor,server=on,wait=off "$@" </dev/null >>qemu.log 2>&1 &
  machine=$!
  # Slow as it is, it would be the last to get a turn on a busy computer: servers that are worked out take a larger share.
  renice -n -5 -p $machine >/dev/null 2>&1 || :
  { echo -5 >/proc/$machine/autogroup; } 2>/dev/null || :
  i=0
  until [ -S beside ] && [ -S monitor ]; do
    i=$((i + 1))
    if [ $i -gt 500 ] || ! kill -0 $machine 2>/dev/null; then
      cat qemu.log >&2
      exit 1
    fi
    sleep 0.02
  done
}
