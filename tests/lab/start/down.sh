# shellcheck shell=sh
# What every keeper needs: to find and end what it started, by number, and to let the test sign in.

descendants() { # PID: itself last
  for child in $(ps -o pid= --ppid "$1" 2>/dev/null); do descendants "$child"; done
  echo "$1"
}

kill_all() { # PID: it and everything below it, now
  # shellcheck disable=SC2046 # words on purpose: they are numbers
  kill -KILL $(descendants "$1") 2>/dev/null || :
  wait "$1" 2>/dev/null || :
}

# The first process of the process namespace below PID, if there is one yet.
init_below() {
  for pid in $(descendants "$1"); do
    # NSpid lists one number for each namespace from ours inward.
    if [ "$(awk '/^NSpid:/ { print (NF > 2 && $NF == 1) }' "/proc/$pid/status" 2>/dev/null)" = 1 ] &&
      [ "$(readlink "/proc/$pid/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]; then
      echo "$pid"
      return
    fi
  done
}

# Lets STATE/key.pub in everywhere in the tree $1, and gives it the host key of this server alone.
sign_in() {
  for home in "$1/root" "$1"/home/*; do
    [ -d "$home" ] || continue
    mkdir -p "$home/.ssh"
    cp "$STATE/key.pub" "$home/.ssh/authorized_keys"
    chmod 700 "$home/.ssh"
    chmod 600 "$home/.ssh/authorized_keys"
    chown -R --reference="$home" "$home/.ssh"
  done
  cp "$STATE/host_key" "$1/etc/ssh/ssh_host_ed25519_key"
  cp "$STATE/host_key.pub" "$1/etc/ssh/ssh_host_ed25519_key.pub"
  chmod 600 "$1/etc/ssh/ssh_host_ed25519_key"
}
