# sshd reads its files again (a name of its own: a function called sshd would stand before the program): SETTINGS as "name value" lines, USER ADDRESS of the one who is here. Checked before it is told:
# sshd must accept the files, and nothing but these settings may come out differently.
sshd_program() { command -v sshd || echo /usr/sbin/sshd; }

sshd_shows() { # USER ADDRESS: all settings as they take effect for this person, but for ports: another change has those
  "$(sshd_program)" -T -C "user=$1,host=$2,addr=$2" 2>/dev/null | grep -vE '^(port|listenaddress) '
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

# Those settings, of all that come in, in one line.
sshd_named() { # SETTINGS
  NAMES="$1" awk 'BEGIN { n = split(ENVIRON["NAMES"], lines, "\n"); for (i = 1; i <= n; i++) { split(lines[i], w, " "); want[w[1]] = 1 } } $1 in want' | sort | tr '\n' ';' | grep . || echo unreadable
}

# Whether $1, all settings as they take effect, has each line of $2.
sshd_as_asked() {
  printf '%s\n' "$2" >"$RUN/.wanted"
  while read -r line; do
    # older versions say without-password
    old=$line
    case $line in *prohibit-password*) old=${line%%prohibit-*}without-password ;; esac
    printf '%s\n' "$1" | grep -qxF -e "$line" -e "$old" || { why="sshd still says $(printf '%s\n' "$1" | grep "^${line%% *} "): another file or a Match block wins" && return 1; }
  done <"$RUN/.wanted"
}

sshd_listens() {
  tries=0
  ports=$(ssh_ports | tr '\n' ' ')
  while [ "$tries" -lt 50 ]; do
    ! have ss || ! ss -Hltn 2>/dev/null | awk -v ports=" $ports" '{ n = split($4, a, ":"); if (index(ports, " " a[n] " ")) found = 1 } END { exit !found }' || return 0
    have ss || return 0
    tries=$((tries + 1))
    nap
  done
  return 1
}

sshd_settings() {
  case $1 in
  state) sshd_shows "$4" "$5" | sshd_named "$3" ;;
  save)
    ! saved "$2" || return 0
    sshd_shows "$4" "$5" | sort >"$RUN/before/$2.all"
    sshd_named "$3" <"$RUN/before/$2.all" >"$RUN/before/$2.state"
    [ "$(cat "$RUN/before/$2.state")" != unreadable ] || { why='sshd does not show its settings' && return 1; }
    ;;
  do)
    bounded 20 "$(sshd_program)" -t || return 1
    sshd_shows "$4" "$5" | sort >"$RUN/.all"
    { grep -vxFf "$RUN/.all" "$RUN/before/$2.all"; grep -vxFf "$RUN/before/$2.all" "$RUN/.all"; } | awk '{ print $1 }' | sort -u >"$RUN/.differs"
    while read -r name; do
      printf '%s\n' "$3" | grep -q "^$name " || { why="the setting $name would change as well" && return 1; }
    done <"$RUN/.differs"
    sshd_as_asked "$(cat "$RUN/.all")" "$3" || return 1
    told=$2
    sshd_tell && sshd_listens
    ;;
  check)
    sshd_as_asked "$(sshd_shows "$4" "$5")" "$3" || return 1
    [ "$news" = 0 ] || [ "${told:-}" = "$2" ]
    ;;
  back) : ;;
  settle) [ "${REASON:-}" = boot ] || { "$(sshd_program)" -t && sshd_tell; } ;;
  esac
}
