# PostgreSQL reads its files again: PORT UNIT RESTART(yes|no) SETTINGS as "name value" lines, sizes in bytes and times as the
# plain number that PostgreSQL keeps. What its own reader finds wrong in a file is found before it is told.
postgres_asks() { # PORT SQL
  if have runuser; then runuser -u postgres -- psql -p "$1" -XAtqc "$2" </dev/null 2>&1; else su postgres -s /bin/sh -c 'psql -p "$0" -XAtqc "$1"' "$1" "$2" </dev/null 2>&1; fi
}

postgres_values() { # PORT SETTINGS: "name value" as they count now
  names=$(printf '%s\n' "$2" | while read -r name _; do printf "'%s'," "$name"; done)
  postgres_asks "$1" "select name || ' ' || case when unit in ('8kB','kB','MB','B') then pg_size_bytes(current_setting(name))::text when unit in ('ms','s','min') then setting else current_setting(name) end from pg_settings where name in (${names%,}) order by name"
}

# Whether the files are such that PostgreSQL would start: a setting that needs a restart shows no other error while it runs.
postgres_accepts() { # PORT
  program=$(postgres_asks "$1" "select setting from pg_config where name = 'BINDIR'")/postgres
  config=$(postgres_asks "$1" 'show config_file')
  data=$(postgres_asks "$1" 'show data_directory')
  if [ -x "$program" ]; then
    said=$(if have runuser; then runuser -u postgres -- "$program" -C max_connections -D "$data" -c config_file="$config" </dev/null 2>&1; else su postgres -s /bin/sh -c '"$0" -C max_connections -D "$1" -c config_file="$2"' "$program" "$data" "$config" </dev/null 2>&1; fi) ||
      { why=$(printf '%s\n' "$said" | tail -n 2 | tr '\n' ' ') && return 1; }
  fi
}

postgres() {
  case $1 in
  state) postgres_values "$3" "$6" | tr '\n' ';' | grep . || echo unreachable ;;
  save)
    ! saved "$2" || return 0
    postgres state "$2" "$3" "$4" "$5" "$6" >"$RUN/before/$2.state"
    [ "$(cat "$RUN/before/$2.state")" != unreachable ] || { why='PostgreSQL does not answer' && return 1; }
    ;;
  do)
    wrong=$(postgres_asks "$3" "select sourcefile || ' line ' || sourceline || ': ' || error from pg_file_settings f where error is not null and not exists (select from pg_settings s where s.name = f.name and s.context = 'postmaster')")
    [ -z "$wrong" ] || { why=$wrong && return 1; }
    postgres_accepts "$3" || return 1
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
