# A unit of systemd: UNIT ENABLED RUNNING, each yes, no or - (as it is).
unit() {
  case $1 in
  state)
    # a unit that is not there is off, as is one whose package the safety timer has left in place
    enabled=$(systemctl is-enabled "$3" 2>/dev/null)
    case $enabled in '' | not-found) enabled=disabled ;; esac
    active=$(systemctl is-active "$3" 2>/dev/null)
    case $active in active | activating | reloading) active=active ;; *) active=inactive ;; esac
    echo "$enabled $active"
    ;;
  save)
    unit state "$2" "$3" >"$RUN/before/$2.state"
    case $(cat "$RUN/before/$2.state") in masked*) why="$3 is masked, and somebody meant that" && return 1 ;; esac
    ;;
  do)
    case $4 in yes) bounded 60 systemctl enable "$3" || return 1 ;; no) bounded 60 systemctl disable "$3" || return 1 ;; esac
    case $5 in yes) bounded 100 systemctl start "$3" || return 1 ;; no) bounded 100 systemctl stop "$3" || return 1 ;; esac
    ;;
  check)
    now=$(unit state "$2" "$3")
    why="$3 is ${now#* } and ${now% *}"
    case $4 in yes) case $now in enabled* | static* | alias* | generated* | indirect*) ;; *) return 1 ;; esac ;; no) case $now in enabled*) return 1 ;; esac ;; esac
    case $5 in yes) case $now in *\ active) ;; *) return 1 ;; esac ;; no) case $now in *\ active) return 1 ;; esac ;; esac
    # a service that falls over at once has not been started
    [ "$5" != yes ] || [ "$(systemctl show -p Result "$3")" = Result=success ]
    ;;
  back)
    read -r was ran <"$from/before/$2.state" || return 1
    case $was in enabled) bounded 60 systemctl enable "$3" ;; disabled) ! systemctl is-enabled -q "$3" 2>/dev/null || bounded 60 systemctl disable "$3" ;; esac
    if [ "${REASON:-}" = boot ]; then return 0; fi
    case $ran in active) bounded 100 systemctl start "$3" ;; inactive) bounded 100 systemctl stop "$3" ;; esac
    return 0
    ;;
  settle) : ;;
  esac
}

# A unit of ours reads its files again: UNIT, and how: reload, restart, or "daemon" (systemd itself).
again() {
  case $1 in
  state) if [ "$4" = daemon ]; then echo same; else systemctl is-active "$3" 2>/dev/null || :; fi ;;
  save) saved "$2" || again state "$2" "$3" "$4" >"$RUN/before/$2.state" ;;
  do)
    told=$2
    case $4 in
    daemon) bounded 60 systemctl daemon-reload ;;
    # what does not run needs not be told
    reload) ! systemctl is-active -q "$3" || bounded 100 systemctl reload-or-restart "$3" ;;
    restart) ! systemctl is-active -q "$3" || bounded 100 systemctl restart "$3" ;;
    esac
    ;;
  settle)
    [ "$4" != daemon ] || { bounded 60 systemctl daemon-reload && return; }
    # what ran before is to run again, even where our files have stopped it; a boot starts it by itself
    if [ "${REASON:-}" != boot ] && [ "$(cat "$from/before/$2.state")" = active ]; then
      if [ "$4" = reload ]; then bounded 100 systemctl reload-or-restart "$3"; else bounded 100 systemctl restart "$3"; fi
    else
      ! systemctl is-active -q "$3" || bounded 100 systemctl restart "$3"
    fi
    ;;
  # whether it has read its files cannot be seen: it is told whenever a file before it in this change was written
  check)
    if [ "$news" = 1 ] && [ "${told:-}" != "$2" ]; then return 1; fi
    [ "$4" = daemon ] || [ "$(cat "$RUN/before/$2.state")" != active ] || systemctl is-active -q "$3"
    ;;
  back) : ;;
  esac
}
