# sshd reads its files again (a name of its own: a function called sshd would stand before the program): SETTINGS as "name value" lines, USER ADDRESS of the one who is here. Checked before it is told:
# sshd must accept the files, and nothing but these settings may come out differently.
sshd_program() { command -v sshd || echo /usr/sbin/sshd; }

sshd_shows() { # USER ADDRESS: all settings as they take effect for this person
  "$(sshd_program)" -T -C "user=$1,host=$2,addr=$2" 2>/dev/null
}

sshd_tell() {
  for service in ssh.service sshd.service; do
    if systemd_runs && systemctl is-active -q "$service"; then
      bounded 60 systemctl reload "$service"
      return
    fi
  done
  # started by its socket, sshd reads its files at every sign-in
  ! systemd_runs || ! { systemctl is-active -q ssh.socket || systemctl is-active -q sshd.socket; } || return 0
  for file in /run/sshd.pid /var/run/sshd.pid; do
    if read -r pid 2>/dev/null <"$file" && [ -d "/proc/$pid" ]; then
      kill -HUP "$pid"
      return
    fi
  done
  why='no running sshd was found to tell'
  return 1
}

sshd_listens() {
  tries=0
  while [ "$tries" -lt 50 ]; do
    ! have ss || ! ss -Hltn 2>/dev/null | awk -v ports=" $(ssh_ports | tr '\n' ' ')" '{ n = split($4, a, ":"); if (index(ports, " " a[n] " ")) found = 1 } END { exit !found }' || return 0
    have ss || return 0
    tries=$((tries + 1))
    nap
  done
  return 1
}

sshd_settings() {
  case $1 in
  state) sshd_shows "$4" "$5" | NAMES="$3" awk 'BEGIN { n = split(ENVIRON["NAMES"], lines, "\n"); for (i = 1; i <= n; i++) { split(lines[i], w, " "); want[w[1]] = 1 } } $1 in want' | sort | tr '\n' ';' | grep . || echo unreadable ;;
  save)
    ! saved "$2" || return 0
    sshd_settings state "$2" "$3" "$4" "$5" >"$RUN/before/$2.state"
    [ "$(cat "$RUN/before/$2.state")" != unreadable ] || { why='sshd does not show its settings' && return 1; }
    sshd_shows "$4" "$5" | sort >"$RUN/before/$2.all"
    ;;
  do)
    bounded 20 "$(sshd_program)" -t || return 1
    sshd_shows "$4" "$5" | sort >"$RUN/.all"
    { grep -vxFf "$RUN/.all" "$RUN/before/$2.all"; grep -vxFf "$RUN/before/$2.all" "$RUN/.all"; } | awk '{ print $1 }' | sort -u >"$RUN/.differs"
    while read -r name; do
      printf '%s\n' "$3" | grep -q "^$name " || { why="the setting $name would change as well" && return 1; }
    done <"$RUN/.differs"
    told=$2
    sshd_settings check "$2" "$3" "$4" "$5" || return 1
    sshd_tell && sshd_listens
    ;;
  check)
    shown=$(sshd_shows "$4" "$5")
    printf '%s\n' "$3" >"$RUN/.wanted"
    while read -r line; do
      # older versions say without-password
      old=$(printf '%s' "$line" | sed 's/prohibit-password/without-password/')
      printf '%s\n' "$shown" | grep -qxF -e "$line" -e "$old" || { why="sshd still says $(printf '%s\n' "$shown" | grep "^${line%% *} "): another file or a Match block wins" && return 1; }
    done <"$RUN/.wanted"
    [ "$news" = 0 ] || [ "${told:-}" = "$2" ]
    ;;
  back) : ;;
  settle) [ "${REASON:-}" = boot ] || { "$(sshd_program)" -t && sshd_tell; } ;;
  esac
}
