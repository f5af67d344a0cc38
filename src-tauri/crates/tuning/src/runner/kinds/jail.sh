# A jail of fail2ban that watches, and that never shuts out the one who is here: NAME ADDRESS. Only looked at.
jail() {
  case $1 in
  state) if fail2ban-client status "$3" >/dev/null 2>&1; then echo watches; else echo absent; fi ;;
  save) saved "$2" || jail state "$2" "$3" >"$RUN/before/$2.state" ;;
  do)
    tries=0
    while [ "$tries" -lt 100 ] && [ "$(jail state "$2" "$3")" = absent ]; do
      tries=$((tries + 1))
      nap
    done
    ;;
  check)
    why="fail2ban does not watch $3"
    [ "$(jail state "$2" "$3")" = watches ] || return 1
    why="fail2ban could shut out $4, where you come from"
    fail2ban-client get "$3" ignoreip 2>/dev/null | grep -qF -- "$4"
    ;;
  back | settle) : ;;
  esac
}
