# sshd answers on these PORTS, in order, and on no others. Told like any other setting; where a socket of systemd listens for
# it, the socket opens them. Lines that are open stay open.
ssh_socket() {
  for socket in ssh.socket sshd.socket; do
    if systemd_runs && systemctl is-active -q "$socket"; then return 0; fi
  done
  socket=
  return 1
}

# What is really open, in $open.
ssh_ports_open() {
  if ssh_socket; then
    open=$(systemctl show -p Listen "$socket" | sed -n 's/^Listen=.*:\([0-9]*\) (Stream)$/\1/p' | sort -nu)
  else
    open=$(ss -Hltnp 2>/dev/null | awk '/"sshd"/ { n = split($4, a, ":"); print a[n] }' | sort -nu)
  fi
  # shellcheck disable=SC2086
  open=$(printf '%s ' $open)
  open=${open% }
}

ssh_answers_on() {
  case $1 in
  state) ssh_ports_open && echo "${socket:-sshd} ${open:-none}" ;;
  save)
    ! saved "$2" || return 0
    have ss || { why='ss is not there, so nobody can see which ports are open' && return 1; }
    ssh_answers_on state "$2" >"$RUN/before/$2.state"
    ;;
  do)
    bounded 20 "$(sshd_program)" -t || return 1
    told=$2
    IFS= read -r was <"$RUN/before/$2.state" || return 1
    ssh_answers_again "${was%% *}" && ssh_answers_in_time "$3"
    ;;
  check)
    ssh_ports_open
    [ "$open" = "$3" ] || { why="ssh answers on ${open:-no port}" && return 1; }
    [ "$news" = 0 ] || [ "${told:-}" = "$2" ]
    ;;
  back) : ;;
  settle)
    was=
    IFS= read -r was 2>/dev/null <"$from/before/$2.state"
    # a boot starts it from the files, which are back; a socket reads none of sshd's
    [ "${REASON:-}" = boot ] || { { [ "${was%% *}" != sshd ] || "$(sshd_program)" -t; } && ssh_answers_again "${was%% *}" && ssh_answers_in_time "${was#* }"; }
    ;;
  esac
}

ssh_answers_again() { # BY: sshd, or the socket
  if [ "$1" = sshd ]; then
    sshd_tell
    return
  fi
  bounded 60 systemctl daemon-reload || return 1
  # the daemon that a socket has started holds its ports; whoever is signed in has a process of their own, which stays
  for service in $(systemctl show -p Triggers --value "$1"); do
    ! systemctl is-active -q "$service" || bounded 60 systemctl stop "$service" || return 1
  done
  bounded 60 systemctl restart "$1"
}

ssh_answers_in_time() { # PORTS
  tries=0
  while [ "$tries" -lt 50 ]; do
    ssh_ports_open
    [ "$open" != "$1" ] || return 0
    tries=$((tries + 1))
    nap
  done
  why="ssh answers on ${open:-no port}"
  return 1
}

# SELinux lets sshd use this PORT.
ssh_port_label() {
  case $1 in
  state) ssh_port_label_now "$3" ;;
  save) saved "$2" || ssh_port_label_now "$3" >"$RUN/before/$2.state" ;;
  do) bounded 100 semanage port -a -t ssh_port_t -p tcp "$3" ;;
  check) [ "$(ssh_port_label_now "$3")" = ssh_port_t ] ;;
  back)
    read -r was <"$from/before/$2.state" || return 1
    if [ "$was" = - ] && [ "$(ssh_port_label_now "$3")" = ssh_port_t ]; then bounded 100 semanage port -d -t ssh_port_t -p tcp "$3"; fi
    ;;
  settle) : ;;
  esac
}
