#!/bin/sh
# Keeper of an sshd as you on 127.0.0.1:$PORT. Words: STATE, SSHD, PORT. Ends when its standard input does.
set -eu
cd "$STATE"
mkdir home
cp key.pub authorized_keys
chmod 600 authorized_keys
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd # where it gives up its rights before a sign-in; on a tmpfs
{
  # A home of its own: what your shell does at its start is slow, prints, and is nothing that a test may break off.
  echo "SetEnv HOME=$STATE/home"
  cat extra.conf # sshd takes the first value it meets
  echo "ListenAddress 127.0.0.1"
  [ ! -e /proc/net/if_inet6 ] || ! grep -q '^0*1 ' /proc/net/if_inet6 || echo "ListenAddress ::1"
  cat <<C
Port $PORT
HostKey $STATE/host_key
AuthorizedKeysFile $STATE/authorized_keys
PidFile none
StrictModes no
UsePAM no
LogLevel VERBOSE
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
C
} >sshd_config
"$SSHD" -t -f "$STATE/sshd_config"
setsid "$SSHD" -D -e -f "$STATE/sshd_config" </dev/null >sshd.log 2>&1 &
server=$!
i=0
until grep -q 'Server listening on 127.0.0.1' sshd.log; do
  i=$((i + 1))
  if [ $i -gt 500 ] || ! kill -0 $server 2>/dev/null; then
    cat sshd.log >&2
    exit 1
  fi
  sleep 0.02
done
echo ready

while read -r order; do
  case $order in
  stop) # as a service manager stops it: the listener goes, open sessions stay
    kill $server 2>/dev/null || :
    wait $server 2>/dev/null || :
    echo stop-done
    ;;
  *) echo "own.sh: no such order: $order" >&2 ;;
  esac
done

# Open sessions are children in sessions of their own.
children() {
  for child in $(ps -o pid= --ppid "$1" 2>/dev/null); do children "$child"; done
  echo "$1"
}
# shellcheck disable=SC2046 # words on purpose: they are numbers
kill -KILL $(children $server) 2>/dev/null || :
wait 2>/dev/null || :
# The test may have been killed, so this is not left to it.
cd /
rm -rf "$STATE"
