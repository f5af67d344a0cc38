# PostgreSQL reads its files again: PORT UNIT RESTART(yes|no) SETTINGS as "name value" lines, sizes in bytes. What its own
# reader finds wrong in a file is found before it is told.
postgres_asks() { # PORT SQL
  if have runuser; then runuser -u postgres -- psql -p "$1" -XAtqc "$2" </dev/null 2>&1; else su postgres -s /bin/sh -c 'psql -p "$0" -XAtqc "$1"' "$1" "$2" </dev/null 2>&1; fi
}

postgres_values() { # PORT SETTINGS: "name value" as they count now
  printf '%s\n' "$2" | while read -r name _; do
    postgres_asks "$1" "select name || ' ' || case when unit in ('8kB','kB','MB','B') then pg_size_bytes(current_setting(name))::text else current_setting(name) end from pg_settings where name = '$name'"
  done
}

postgres() {
  case $1 in
  state) postgres_values "$3" "$6" | tr '\n' ';' | grep . || echo unreachable ;;
  save)
    postgres state "$2" "$3" "$4" "$5" "$6" >"$RUN/before/$2.state"
    [ "$(cat "$RUN/before/$2.state")" != unreachable ] || { why='PostgreSQL does not answer' && return 1; }
    ;;
  do)
    wrong=$(postgres_asks "$3" "select sourcefile || ' line ' || sourceline || ': ' || error from pg_file_settings where error is not null and error not like '%cannot be changed without restarting%'")
    [ -z "$wrong" ] || { why=$wrong && return 1; }
    postgres_tells "$3" "$4" "$5"
    ;;
  check)
    now=$(postgres_values "$3" "$6")
    printf '%s\n' "$6" >"$RUN/.wanted"
    while read -r line; do
      printf '%s\n' "$now" | grep -qxF "$line" || { why="PostgreSQL says $(printf '%s\n' "$now" | grep "^${line%% *} ")" && return 1; }
    done <"$RUN/.wanted"
    ;;
  back) : ;;
  settle) [ "${REASON:-}" = boot ] || postgres_tells "$3" "$4" "$5" ;;
  esac
}

postgres_tells() { # PORT UNIT RESTART
  if [ "$3" = yes ]; then
    bounded 180 systemctl restart "$2" || return 1
    tries=0
    while [ "$tries" -lt 200 ]; do
      [ "$(postgres_asks "$1" 'select 1')" != 1 ] || return 0
      tries=$((tries + 1))
      nap
    done
    why='PostgreSQL does not answer after its restart'
    return 1
  fi
  [ "$(postgres_asks "$1" 'select pg_reload_conf()')" = t ] && sleep 1
}
