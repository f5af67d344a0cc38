#!/bin/sh
# Keeper of a virtual machine: its own kernel, memory and disk, started from a saved running machine. Words: STATE, IMAGE
# (made by vm-image.sh), PORT (of 127.0.0.1, to its port 22). Orders on standard input: power-cut. Ends, and takes it
# down, when standard input does.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/down.sh"
. "$here/vm-run.sh"
cd "$STATE"

machine='' ended=''
take_down() {
  trap - EXIT
  [ -z "$machine" ] || kill_all "$machine"
  if [ -n "$ended" ]; then cd / && rm -rf "$STATE"; fi
}
trap take_down EXIT
trap 'exit 1' TERM INT HUP

qemu-img create -q -f qcow2 -b "$IMAGE/warm.qcow2" -F qcow2 disk.qcow2
run_machine "$STATE/disk.qcow2" "${PORT:?}" -incoming "exec:cat '$IMAGE/warm.state'"
echo ready

while read -r order; do
  case $order in
  power-cut)
    kill_all "$machine"
    run_machine "$STATE/disk.qcow2" "$PORT"
    ;;
  *) echo "vm.sh: no such order: $order" >&2 ;;
  esac
  echo "$order-done"
done
ended=1 # as it should: nobody is left who would read what it said
