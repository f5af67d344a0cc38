# A property of systemd itself that follows from its files: NAME VALUE. Reading the files again is all there is to do.
manager_value() {
  case $1 in
  state)
    shown=$(systemctl show -p "$3" 2>/dev/null)
    shown=${shown#"$3="}
    echo "${shown:-absent}"
    ;;
  save) saved "$2" || manager_value state "$2" "$3" >"$RUN/before/$2.state" ;;
  do | settle) bounded 60 systemctl daemon-reload ;;
  check) [ "$(manager_value state "$2" "$3")" = "$4" ] ;;
  back) : ;;
  esac
}

# What a fresh sign-in may open: LIMIT(S|H) COUNT. Only looked at: pam reads the file by itself.
login_limit() {
  case $1 in
  state) su root -s /bin/sh -c "ulimit -${3}n" </dev/null 2>/dev/null | grep -E '^[0-9]+$|^unlimited$' || echo untold ;;
  save) saved "$2" || login_limit state "$2" "$3" >"$RUN/before/$2.state" ;;
  do) : ;;
  check)
    now=$(login_limit state "$2" "$3")
    case $now in untold | unlimited) return 0 ;; esac
    why="a fresh sign-in may open $now files, not $4"
    [ "$now" -ge "$4" ]
    ;;
  back | settle) : ;;
  esac
}

# What a unit may open: UNIT COUNT. The running process is raised as it runs; the next start reads the file.
unit_files() {
  pid=$(systemctl show -p MainPID "$3" 2>/dev/null)
  pid=${pid#MainPID=}
  case $1 in
  state)
    set -- "$(systemctl show -p LimitNOFILESoft "$3" 2>/dev/null)"
    [ "${pid:-0}" = 0 ] || set -- "$1 $(awk '/^Max open files/ { print $4 ":" $5 }' "/proc/$pid/limits" 2>/dev/null)"
    echo "${1:-absent}"
    ;;
  save) unit_files state "$2" "$3" >"$RUN/before/$2.state" ;;
  do)
    bounded 60 systemctl daemon-reload || return 1
    [ "${pid:-0}" = 0 ] || ! have prlimit || bounded 10 prlimit --pid "$pid" --nofile="$4:"
    ;;
  check)
    now=$(unit_files state "$2" "$3")
    soft=${now#LimitNOFILESoft=}
    [ "${soft%% *}" = "$4" ] || return 1
    case $now in *' '*) soft=${now##* } && [ "${soft%%:*}" -ge "$4" ] || ! have prlimit ;; esac
    ;;
  back)
    read -r was <"$from/before/$2.state" || return 1
    case $was in *' '*) [ "${pid:-0}" = 0 ] || ! have prlimit || bounded 10 prlimit --pid "$pid" --nofile="${was##* }" ;; esac
    ;;
  settle) bounded 60 systemctl daemon-reload ;;
  esac
}
