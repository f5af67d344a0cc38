#!/bin/sh
# Keeper of a booted Debian in systemd-nspawn with its own network namespace, firewall and net.* values, on a fresh
# overlay. Words: STATE, TREE, RESTRICTED (1: a cheap rented container, which may change neither), LINK (link.py's words).
# Orders on standard input: reboot, power-cut, cut, mend. Ends, and takes everything down, when standard input does.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/down.sh"
cd "$STATE"

ns='' link='' system='' ended='' groups=''
take_down() {
  trap - EXIT
  [ -z "$system" ] || kill_all "$system"
  [ -z "$link" ] || kill_all "$link"
  i=0
  while mountpoint -q "$STATE/root" && ! umount "$STATE/root" 2>/dev/null && [ $i -lt 200 ]; do
    i=$((i + 1))
    sleep 0.02
  done
  # a group that has not emptied yet is taken by the next of the same name
  for group in $groups; do find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || :; done
  if [ -n "$ns" ]; then
    ip netns del "$ns" || :
    ip link del "${ns}h" 2>/dev/null || :
  fi
  if [ -n "$ended" ] && ! mountpoint -q "$STATE/root"; then cd / && rm -rf "$STATE"; fi
}
trap take_down EXIT
trap 'exit 1' TERM INT HUP

n=1 # an address with a 0 in it has a shorter form as well
until ip netns add "lab$n" 2>/dev/null; do
  n=$((n + 1))
  [ $n -lt 250 ] || { echo "no free network namespace of 250" >&2; exit 1; }
done
ns=lab$n
here4=10.96.$n.1 there4=10.96.$n.2 here6=fd96:$n::1 there6=fd96:$n::2
ip -n $ns link set lo up
if [ -n "${LINK:-}" ]; then
  # shellcheck disable=SC2086 # words on purpose
  setsid python3 "$here/link.py" /run/netns/$ns $ns "$here4,$here6" "$there4,$there6" $LINK </dev/null >link.log 2>&1 &
  link=$!
  until grep -qs '^ready' link.log; do
    kill -0 $link 2>/dev/null || { cat link.log >&2; exit 1; }
    sleep 0.02
  done
  ip -n $ns route add default dev host0
else
  ip link add ${ns}h type veth peer name host0 netns $ns
  ip addr add $here4/30 dev ${ns}h
  ip addr add $here6/64 dev ${ns}h nodad
  ip link set ${ns}h up
  ip -n $ns addr add $there4/30 dev host0
  ip -n $ns addr add $there6/64 dev host0 nodad
  ip -n $ns link set host0 up
  ip -n $ns route add default via $here4
fi

# Control groups of its own. Every system makes and removes groups of the same names below the one it was started in, so
# that two in one group now and then take the ground from under each other's services.
group_of() { sed -n "s/^$1:\(.*\)/\1/p" /proc/self/cgroup; }
for place in "/sys/fs/cgroup/systemd$(group_of '[0-9]*:name=systemd')" "/sys/fs/cgroup/unified$(group_of '0:')" "/sys/fs/cgroup$(group_of '0:')"; do
  if [ -e "$place/cgroup.procs" ] && mkdir -p "${place%/}/$ns" 2>/dev/null; then groups="$groups ${place%/}/$ns"; fi
done

mkdir -p up work root
mount -t overlay overlay -o "lowerdir=$TREE,upperdir=$STATE/up,workdir=$STATE/work" root 2>overlay.log || {
  # Where the file system cannot carry an overlay, a copy does.
  cp -a --reflink=auto "$TREE/." root/
}
sign_in "$STATE/root"

if [ "${RESTRICTED:-0}" = 1 ]; then
  rights=--drop-capability=CAP_NET_ADMIN writable=no
else
  rights=--capability=CAP_NET_ADMIN,CAP_NET_RAW writable=network
fi
[ -z "${OPEN_FILES:-}" ] || rights="$rights --drop-capability=CAP_SYS_RESOURCE --rlimit=RLIMIT_NOFILE=$OPEN_FILES"
# A mount namespace with a tmpfs on nspawn's run folder: without it a reboot inside fails where /run is on a disk.
# 133 is a reboot; `again` says that the power came back.
cat >boot.sh <<C
for group in $groups; do echo \$\$ >"\$group/cgroup.procs"; done
mount -t tmpfs tmpfs /run/systemd/nspawn
while :; do
  SYSTEMD_NSPAWN_API_VFS_WRITABLE=$writable systemd-nspawn --quiet --boot --directory="$STATE/root" --machine=$ns \
    --network-namespace-path=/run/netns/$ns $rights \
    --register=no --keep-unit --resolv-conf=off --timezone=off --link-journal=no --kill-signal=SIGRTMIN+3
  code=\$?
  [ \$code = 133 ] || [ -e "$STATE/again" ] || break
  rm -f "$STATE/again"
done
C
mkdir -p /run/systemd/nspawn
setsid unshare -m --propagation private sh "$STATE/boot.sh" </dev/null >console.log 2>&1 &
system=$!

# Answers once the system lets people in: sshd listens and /run/nologin, which refuses all but root, is gone.
up() { # PID of the system that must not be meant any more, or nothing
  i=0
  while :; do
    pid=$(init_below "$system")
    if [ -n "$pid" ] && [ "$pid" != "${1:-}" ] && ! [ -e "/proc/$pid/root/run/nologin" ] &&
      ip netns exec $ns ss -Hltn sport = :22 2>/dev/null | grep -q .; then
      [ -e "/proc/$pid/root/run/systemd/system" ] && return
    fi
    i=$((i + 1))
    if [ $i -gt 1200 ] || ! kill -0 "$system" 2>/dev/null; then
      tail -n 30 console.log >&2
      exit 1
    fi
    sleep 0.05
  done
}
up
echo "ready SYSTEM=$system NETNS=$ns HOST=$there4 HOST6=$there6 FROM=$here4 PORT=22"

while read -r order; do
  old=$(init_below "$system")
  case $order in
  reboot)
    nsenter -t "$old" -a systemctl reboot >/dev/null 2>&1 || :
    up "$old"
    ;;
  power-cut)
    : >again
    kill -KILL "$old"
    up "$old"
    ;;
  cut) [ -z "$link" ] || kill -USR1 "$link" ;;
  mend) [ -z "$link" ] || kill -USR2 "$link" ;;
  *) echo "nspawn.sh: no such order: $order" >&2 ;;
  esac
  echo "$order-done"
done
ended=1 # as it should: nobody is left who would read what it said
