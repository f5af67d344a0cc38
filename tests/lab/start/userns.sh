#!/bin/sh
# Keeper of a server without systemd in namespaces of its own: root inside, its own firewall and net.* values. Without
# root on this machine the ids are those of a user namespace. Words: STATE, PORT (on 127.0.0.1), SERVER (sshd, dropbear),
# TREE (for sshd; dropbear comes with the smallest system there is). Ends, and takes all down, when standard input does.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/down.sh"
cd "$STATE"

if [ "$(id -u)" = 0 ]; then
  user=
else
  user='-U --map-root-user --map-auto'
fi
system='' relay='' ended=''
take_down() {
  trap - EXIT
  [ -z "$relay" ] || kill_all "$relay"
  [ -z "$system" ] || kill_all "$system"
  # Files of mapped ids can be removed by their own root only.
  # shellcheck disable=SC2086 # words on purpose
  [ -z "$user" ] || unshare $user rm -rf up work root
  if [ -n "$ended" ]; then cd / && rm -rf "$STATE"; fi
}
trap take_down EXIT
trap 'exit 1' TERM INT HUP

# shellcheck disable=SC2086 # words on purpose
setsid unshare $user -m -u -i -n -p -f --kill-child sh "$here/userns-inside.sh" </dev/null >sshd.log 2>&1 &
system=$!
i=0
until [ -n "$(init_below $system)" ]; do
  i=$((i + 1))
  if [ $i -gt 500 ] || ! kill -0 $system 2>/dev/null; then
    cat sshd.log >&2
    exit 1
  fi
  sleep 0.02
done
init=$(init_below $system)
: >relay.log
setsid python3 "$here/relay.py" "$PORT" "$init" 22 </dev/null >relay.log 2>&1 &
relay=$!
i=0
until grep -q '^ready' relay.log; do
  i=$((i + 1))
  if [ $i -gt 1000 ] || ! kill -0 $system 2>/dev/null || ! kill -0 $relay 2>/dev/null; then
    cat sshd.log relay.log >&2
    exit 1
  fi
  sleep 0.02
done
echo "ready SYSTEM=$system"

while read -r order; do
  echo "userns.sh: no such order: $order" >&2
  echo "$order-done"
done
ended=1 # as it should: nobody is left who would read what it said
