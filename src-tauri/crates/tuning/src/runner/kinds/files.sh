# Mode and owner of a file or folder that is there: PATH MODE OWNER GROUP ("-": as it is).
mode() {
  case $1 in
  state) if [ -e "$3" ] && [ ! -L "$3" ]; then echo "$(stat -c '%a %u %g' "$3") $(attributes "$3")"; else echo absent; fi ;;
  save)
    mode state "$2" "$3" >"$RUN/before/$2.state"
    [ "$(cat "$RUN/before/$2.state")" != absent ] || { why="$3 is not there" && return 1; }
    ;;
  do)
    # owner first: a change of owner takes set-id bits away
    if [ "$5" != - ]; then chown "$5:$6" "$3" || { why="$5:$6 cannot own $3" && return 1; }; fi
    chmod "$4" "$3"
    ;;
  check)
    [ "$(stat -c %a "$3")" = "$4" ] || return 1
    [ "$5" = - ] || [ "$(stat -c %U:%G "$3")" = "$5:$6" ]
    ;;
  back)
    read -r was user group _ <"$from/before/$2.state" || return 1
    [ -e "$3" ] || return 1
    chown "$user:$group" "$3" && chmod "$was" "$3"
    ;;
  settle) : ;;
  esac
}

# The journal on disk. Switched back, what was written since moves into the record of this run: no log is ever deleted.
journal_store() {
  case $1 in
  state) if [ -d /var/log/journal ]; then echo kept; else echo absent; fi ;;
  save) saved "$2" || journal_store state "$2" >"$RUN/before/$2.state" ;;
  do)
    mkdir -p /var/log/journal && bounded 30 systemd-tmpfiles --create --prefix /var/log/journal
    bounded 60 systemctl restart systemd-journald && bounded 60 journalctl --flush
    ;;
  check)
    read -r id </etc/machine-id
    [ -e "/var/log/journal/$id/system.journal" ] || { why='the journal is not written to /var/log/journal' && return 1; }
    ;;
  # only once our file is gone: as long as it says so, journald makes the folder again
  back) : ;;
  settle)
    [ "$(cat "$from/before/$2.state")" = absent ] && [ -d /var/log/journal ] || return 0
    journald_again
    mv /var/log/journal "$RUN/journal-on-disk-$(date +%s)"
    journald_again
    ;;
  esac
}

journald_again() {
  if [ "${REASON:-}" = boot ]; then systemctl --no-block restart systemd-journald; else bounded 60 systemctl restart systemd-journald; fi
}

# A file of logrotate, as logrotate itself reads it: PATH. Only looked at.
logrotate_reads() {
  case $1 in
  state) echo same ;;
  save) echo same >"$RUN/before/$2.state" ;;
  do | back | settle) : ;;
  check)
    said=$(logrotate -d "$3" 2>&1) || { why="logrotate: $(printf '%s\n' "$said" | grep -i error | head -n 1)" && return 1; }
    case $said in *[Ee]rror:*) why="logrotate: $(printf '%s\n' "$said" | grep -i error: | head -n 1)" && return 1 ;; esac
    ;;
  esac
}

# A program that listens on this address and on no other: ADDRESS PORT. Only looked at.
listens_only() {
  case $1 in
  state) ss -Hltn "sport = :$4" 2>/dev/null | awk '{ print $4 }' | sort | tr '\n' ' ' | sed 's/ $//' | grep . || echo nobody ;;
  save) saved "$2" || listens_only state "$2" "$3" "$4" >"$RUN/before/$2.state" ;;
  do)
    tries=0
    while [ "$tries" -lt 50 ] && [ "$(listens_only state "$2" "$3" "$4")" = nobody ]; do
      tries=$((tries + 1))
      nap
    done
    ;;
  check)
    now=$(listens_only state "$2" "$3" "$4")
    why="port $4 is served on $now"
    [ "$now" = "$3:$4" ]
    ;;
  back | settle) : ;;
  esac
}
