# What the client hears. Every line begins with a word that only this request knows; all other output is noise to it.
# J: a line of the journal. L: a line of the log. T: seconds until the server puts back. E: the end, with the state.

BASE=/var/lib/plumbline
umask 077
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
cd / || exit 1

# Not begun, and why.
x() {
  [ -z "${new:-}" ] || rm -rf "$new"
  printf '%s X %s\n%s E refused\n' "$NONCE" "$*" "$NONCE"
  exit 0
}

[ "$(id -u)" = 0 ] || x root

# Not begun, because $1 cannot be written: the disk is full, or can only be read.
unwritable() {
  case $({ mkdir -p "$1" && : >"$1/.try" && rm -f "$1/.try"; } 2>&1) in
  *[Rr]ead-only*) x readonly "$1" ;;
  *) x room "$1" ;;
  esac
}

run_state() { see_state "$1" && echo "$state"; }

see_state() {
  for state in refused undone confirmed reverted reverting armed; do
    [ ! -e "$1/$state" ] || return 0
  done
  state=preparing
}

alive() { # FILE with "pid start"
  read -r pid start 2>/dev/null <"$1" || return 1
  read -r line 2>/dev/null <"/proc/$pid/stat" || return 1
  # shellcheck disable=SC2086
  set -- ${line##*) }
  [ "$1" != Z ] && [ "${20}" = "$start" ]
}

seconds_until() {
  read -r up _ </proc/uptime
  read -r due 2>/dev/null <"$1/deadline" || due=${up%%.*}
  left=$((due - ${up%%.*}))
  [ "$left" -ge 0 ] || left=0
}

# Follows run $1 until it has an outcome: refused, waiting for an answer (unless $2 is "back"), kept, put back, or lost.
follow() {
  run=$BASE/runs/$1
  [ -d "$run" ] || { echo "$NONCE E absent"; return; }
  : >>"$run/journal"
  : >>"$run/log"
  exec 3<"$run/journal" 4<"$run/log"
  journal='' log='' ticks=0 quiet=0 told='' last=''
  while :; do
    see_state "$run"
    moved=0
    while IFS= read -r line <&4; do printf '%s L %s\n' "$NONCE" "$log$line"; log='' moved=1; done
    log=$log$line
    while IFS= read -r line <&3; do printf '%s J %s\n' "$NONCE" "$journal$line"; journal='' moved=1; done
    journal=$journal$line
    if [ "$moved" = 0 ]; then
      # nothing new since the state was looked at, so the state is the end of the story
      case $state in
      refused | confirmed | reverted | undone) echo "$NONCE E $state"; return ;;
      armed)
        # who has applied everything has gone home, and is not lost
        if grep -q '	applied	' "$run/journal"; then
          if [ "$2" != back ]; then
            # that line may have been written since the journal was read here: once more, then it is told as well
            [ -n "$last" ] || { last=1 && continue; }
            seconds_until "$run"
            echo "$NONCE T $left"
            echo "$NONCE E waiting"
            return
          fi
        elif ! alive "$run/runner" && [ -z "$told" ]; then
          echo "$NONCE D runner" && told=1
        fi
        ;;
      reverting)
        # a revert that gave up has said so, and goes on at the next boot
        if tail -n 1 "$run/journal" | grep -q '	stuck	run	'; then
          [ -n "$last" ] || { last=1 && continue; }
          echo "$NONCE E stuck"
          return
        fi
        ;;
      preparing)
        quiet=$((quiet + 1))
        if [ "$quiet" -gt 60 ] && ! alive "$run/runner"; then echo "$NONCE E lost"; return; fi
        ;;
      esac
      ticks=$((ticks + 1))
      if [ $((ticks % 10)) = 0 ]; then
        if [ "$state" = armed ]; then seconds_until "$run" && echo "$NONCE T $left"; else echo "$NONCE H"; fi || exit 0
      fi
      sleep 0.1 2>/dev/null || sleep 1
    else
      quiet=0
    fi
  done
}

# Starts "run.sh $2 $3" of run $1 as a job of the server, in a unit or session of its own: a closed lid loses nothing.
detach() {
  run=$BASE/runs/$1
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1 &&
    systemd-run --quiet --unit="plumbline-$4-$1" --description="Plumbline: $2 $1" --property=TimeoutStopSec=5s --property=StandardOutput=null \
      --property=StandardError=null /bin/sh -c "exec /bin/sh '$run/run.sh' $2 $3 >>'$run/log' 2>&1 </dev/null" 2>/dev/null; then
    return 0
  fi
  (
    trap '' HUP
    if command -v setsid >/dev/null 2>&1; then exec setsid /bin/sh "$run/run.sh" "$2" "$3"; else exec /bin/sh "$run/run.sh" "$2" "$3"; fi
  ) </dev/null >>"$run/log" 2>&1 &
}

# Makes room for run $1. Says no when it is there already: then it was sent twice, and is only followed.
begin_upload() {
  mkdir -p "$BASE/runs" && chmod 700 "$BASE" "$BASE/runs" || unwritable "$BASE"
  [ ! -d "$BASE/runs/$1" ] || return 1
  new=$BASE/runs/.new-$1
  rm -rf "$new"
  mkdir -p "$new/after" || unwritable "$BASE"
  if [ -n "${SOURCE:-}" ]; then
    cp "$BASE/runs/$SOURCE/run.sh" "$new/run.sh" && cp -R "$BASE/runs/$SOURCE/after" "$new/" || x room "$new"
  fi
}

end_upload() {
  sh -n "$new/run.sh" || x start 'the program cannot be read by this shell'
  sync "$new"/* 2>/dev/null || sync
  mv "$new" "$BASE/runs/$1" || x start "$BASE/runs/$1 cannot be made"
  sync "$BASE/runs" 2>/dev/null || sync
  [ -f "$BASE/runs/$1/run.sh" ] || x start "$BASE/runs/$1 is incomplete"
  forget_old
}

# 30 days after their end, records go that nobody can need any more. A kept run stays until it is undone or purged, and so
# does whatever holds the only copy of something: an edit that putting back went over, a log that was moved out of its way.
forget_old() {
  find "$BASE/runs" -mindepth 1 -maxdepth 1 -type d -mtime +30 2>/dev/null | while IFS= read -r run; do
    see_state "$run"
    case $state in
    refused | reverted | undone) ;;
    # an undo, or a run that found nothing to change
    confirmed) [ -e "$run/mode" ] || ! holds "$run"/done/*.state || continue ;;
    preparing) ! alive "$run/runner" || continue ;;
    *) continue ;;
    esac
    ! holds "$run"/before/*.edited && ! holds "$run"/journal-on-disk-* || continue
    rm -rf "$run"
  done
}

# Whether a pattern came to a name of something that is there.
holds() { [ -e "$1" ]; }

# Ends the request where run $1 is not there or over.
lives() {
  case $(run_state "$BASE/runs/$1") in
  armed | reverting) ;;
  *) [ -d "$BASE/runs/$1" ] && over "$1"; echo "$NONCE E absent"; exit 0 ;;
  esac
}

over() {
  case $(run_state "$BASE/runs/$1") in
  armed | reverting) echo "$NONCE X open $1"; echo "$NONCE E refused" ;;
  preparing) echo "$NONCE E absent" ;;
  *) echo "$NONCE E $(run_state "$BASE/runs/$1")" ;;
  esac
  exit 0
}

answer() { # RUN VERB ARGUMENT
  [ -d "$BASE/runs/$1" ] || { echo "$NONCE E absent"; return; }
  # a slow server takes its time to keep something, and whoever waits hears that it is there
  (
    beats=0
    while sleep 1 >/dev/null 2>&1; do
      beats=$((beats + 1))
      [ $((beats % 5)) -ne 0 ] || echo "$NONCE H"
    done
  ) &
  beat=$!
  said=$(/bin/sh "$BASE/runs/$1/run.sh" "$2" "${3:-}" 2>>"$BASE/runs/$1/log" | tail -n 1)
  kill "$beat" 2>/dev/null
  case $said in
  [0-9]*) echo "$NONCE E extended $said" ;;
  '') echo "$NONCE E absent" ;;
  *) echo "$NONCE E $said" ;;
  esac
}

remember() {
  for run in "$BASE"/runs/*/; do
    run=${run%/}
    [ -e "$run/manifest" ] || continue
    state=$(run_state "$run")
    working=0
    left=
    ! alive "$run/runner" || working=1
    [ "$state" != armed ] || seconds_until "$run"
    echo "$NONCE R $state $working $left"
    sed "s/^/$NONCE M /" "$run/manifest"
    [ ! -e "$run/journal" ] || sed "s/^/$NONCE J /" "$run/journal"
    echo
    echo "$NONCE Z ${run##*/}"
  done
}

purge() {
  case $(run_state "$BASE/runs/$1") in
  armed | reverting) echo "$NONCE X open $1"; echo "$NONCE E refused" ;;
  *)
    if [ ! -d "$BASE/runs/$1" ] || alive "$BASE/runs/$1/runner"; then echo "$NONCE E absent"; return; fi
    rm -rf "$BASE/runs/$1"
    sync "$BASE/runs" 2>/dev/null || sync
    echo "$NONCE E purged"
    ;;
  esac
}

# What act $2 touches as it was before run $1, as the run left it, and as it is now.
compare() {
  run=$BASE/runs/$1
  [ -e "$run/done/$2.state" ] || { echo "$NONCE E absent"; return; }
  path=$3
  for side in before ours now; do
    case $side in
    before) state=$(cat "$run/before/$2.state") file=$run/before/$2.bytes ;;
    ours) state=$(cat "$run/done/$2.state") file=$run/after/$2 ;;
    now) state=$(/bin/sh "$run/run.sh" state "$2") file=$path ;;
    esac
    [ "$side" != before ] || [ ! -e "$run/before/$2.block" ] || file=$run/before/$2.block
    echo "$NONCE S $side $state"
    case $path in
    /*) [ ! -f "$file" ] || [ "$(wc -c <"$file")" -gt 65536 ] || { sed "s/^/$NONCE C /" "$file" && echo; } ;;
    esac
  done
}
