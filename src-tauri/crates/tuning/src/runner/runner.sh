# The part of a run that is the same for all runs. The lines above it name the changes and their acts:
#   CHANGES       ids in order                  acts_of C    numbers of its acts
#   wants C       ids that must have worked     act N VERB   one act: kind VERB N ARGUMENTS
#   preview N     what the preview saw          WINDOW STEP LONGEST CUTS   seconds to answer, seconds a step, seconds at most, whether the line can be cut
# Every kind of act answers six verbs: state (one line: how it is now), save (keep all that undo needs), do, check (is it
# as wanted, judged by effect), back (to what was saved in $from/before), settle (after all is back: reload).
# Written for dash, bash and busybox; no terminal; every command gets its input from /dev/null.

RUN=$(cd "$(dirname "$0")" && pwd) || exit 1
ID=${RUN##*/}
BASE=${RUN%/runs/*}
umask 077
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
cd / || exit 1
TAB='	'

# --- small words -----------------------------------------------------------------------------------------------------

# Seconds since boot: no clock that somebody can set.
uptime_now() {
  read -r up _ </proc/uptime
  up=${up%%.*}
}

# $1 is on disk when this returns. Old and small versions of sync know no argument and sync all.
durable() { sync "$@" 2>/dev/null || sync; }

nap() { sleep 0.1 2>/dev/null || sleep 1; }

# One line of the journal, on disk before we go on: version, time, word, subject, text.
note() { jot "$@" && durable "$RUN/journal"; }

# A line that nothing waits for: it is on disk with the next one that is noted, and that one comes before the next act.
jot() {
  text=
  [ -z "${3:-}" ] || text=$(printf '%s' "$3" | tr '\000-\037\177' ' ' | cut -c1-600)
  uptime_now
  [ -n "$booted" ] || booted=$(($(date +%s) - up))
  printf '1\t%s\t%s\t%s\t%s\n' "$((booted + up))" "$1" "${2:-run}" "$text" >>"$RUN/journal"
}
booted=

say() { printf '%s\n' "$*"; }

# The whole value of a file in $1, written beside and renamed. Clocks and processes of this boot: after a power cut they mean
# nothing, and whatever is armed then goes back. So nobody waits for the disk.
keep_word() {
  printf '%s\n' "$2" >"$RUN/.$1.new" && mv -f "$RUN/.$1.new" "$RUN/$1"
}

# Runs a command for at most $1 seconds; its output goes to the log, and its last lines stay in $RUN/.said for the journal.
bounded() {
  limit=$1
  shift
  say "\$ $*"
  [ ! -e "$RUN/.late" ] || rm -f "$RUN/.late"
  "$@" </dev/null >"$RUN/.said" 2>&1 &
  child=$!
  watch_over "$child" "$limit" </dev/null >/dev/null 2>&1 &
  guard=$!
  wait "$child"
  code=$?
  kill -USR1 "$guard" 2>/dev/null
  wait "$guard" 2>/dev/null
  cat "$RUN/.said"
  if [ -e "$RUN/.late" ]; then
    rm -f "$RUN/.late"
    why="no answer within $limit seconds: $*"
    return 124
  fi
  [ "$code" = 0 ] || why="$(tail -n 3 "$RUN/.said" 2>/dev/null | tr '\n' ' ')"
  return "$code"
}

# Ends process $1 after $2 seconds. Until then it is a sign of life, as long as somebody waits for it. Sent home, it takes
# its sleep with it: nothing that a run started outlives it.
watch_over() {
  # shellcheck disable=SC2064 # who is watched is known now; before the first sleep it is also the last child
  trap "[ \"\$!\" = $1 ] || { kill -KILL \"\$!\"; wait \"\$!\"; }; exit 0" USR1
  uptime_now
  until=$((up + $2))
  sign=$((up + STEP / 3))
  while :; do
    sleep 1 &
    wait "$!"
    kill -0 "$1" 2>/dev/null && kill -0 "$$" 2>/dev/null || return
    uptime_now
    [ "$up" -lt "$sign" ] || { sign=$((up + STEP / 3)) && at_work; }
    [ "$up" -ge "$until" ] || continue
    : >"$RUN/.late"
    kill -TERM "$1" 2>/dev/null
    patience=0
    while kill -0 "$1" 2>/dev/null && [ "$patience" -lt 50 ]; do
      patience=$((patience + 1))
      nap
    done
    kill -KILL "$1" 2>/dev/null
    return
  done
}

# A command that has its own limit is a sign of life: a database may take minutes to stop, and is not lost for that.
at_work() {
  [ -e "$RUN/armed" ] || return 0
  seconds_left
  [ "$left" -ge "$STEP" ] || set_deadline "$STEP"
}

# --- one run at a time -----------------------------------------------------------------------------------------------

# When a process started, in ticks since boot: with its number, the proof that it is the same one.
start_of() {
  started=
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086
  set -- ${line##*) }
  case $1 in Z | X) return 1 ;; esac
  started=${20}
}

# Whether the owner named boot.pid.start is provably gone.
gone() {
  boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
  case $1 in "$boot".*) ;; *) return 0 ;; esac
  rest=${1#"$boot".}
  start_of "${rest%%.*}" || return 0
  [ "$started" != "${rest#*.}" ]
}

# Takes the lock of this server, waiting up to $1 seconds. The owner stands in the name of a file, so that taking over
# from a dead one is a rename of exactly that name, and of several takers one wins.
lock() {
  start_of $$ || started=0
  me=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null).$$.$started
  uptime_now
  until=$((up + $1))
  empty=0
  while :; do
    if mkdir "$BASE/lock" 2>/dev/null; then
      : >"$BASE/lock/owner.$me" 2>/dev/null || continue
    else
      set -- "$BASE"/lock/owner.*
      owner=${1##*/owner.}
      if [ ! -e "$1" ]; then
        # made and not yet signed, or its maker died in between: an empty folder can be removed, a signed one cannot
        empty=$((empty + 1))
        [ "$empty" -lt 20 ] || rmdir "$BASE/lock" 2>/dev/null
      elif [ "$owner" = "$me" ]; then
        :
      elif gone "$owner"; then
        mv "$1" "$BASE/lock/owner.$me" 2>/dev/null
      fi
    fi
    set -- "$BASE"/lock/owner.*
    if [ $# = 1 ] && [ "$1" = "$BASE/lock/owner.$me" ] && [ -e "$1" ]; then
      durable "$BASE/lock"
      return 0
    fi
    [ $# = 1 ] || rm -f "$BASE/lock/owner.$me"
    uptime_now
    [ "$up" -lt "$until" ] || return 1
    nap
  done
}

# Whose lock $1 is, in $worker: the newest run that this program works for, else the program.
worker_of() {
  pid=${1#*.}
  pid=${pid%%.*}
  worker="process $pid"
  for word in "$BASE"/runs/*/runner; do
    read -r works _ 2>/dev/null <"$word" || continue
    if [ "$works" = "$pid" ]; then worker=${word%/runner} && worker=${worker##*/}; fi
  done
}

unlock() {
  [ -n "${me:-}" ] && rm -f "$BASE/lock/owner.$me" && rmdir "$BASE/lock" 2>/dev/null
  return 0
}

# --- files: what stood there, byte for byte, with all that hangs on it --------------------------------------------------

label_like() {
  [ -e /sys/fs/selinux/enforce ] && have chcon || return 0
  chcon "$(stat -c %C "$1")" "$2"
}

# A copy with everything, or failure: an image that lost an attribute is no image. Asked for by name, GNU cp fails where
# it cannot carry attributes; busybox cp knows none, so there they must be provably absent.
image() {
  rm -f "$2"
  if cp -P --preserve=mode,ownership,timestamps,xattr "$1" "$2" 2>/dev/null; then
    label_like "$1" "$2" || return 1
  else
    cp -p "$1" "$2" || return 1
    # a file that we made has none: we gave it none
    [ "$(attributes "$1")" = - ] || head -n 2 "$1" | grep -q 'Written by Plumbline' || { why="the attributes of $1 cannot be kept: there is no tool for them"; return 1; }
  fi
  [ "$(picture "$1")" = "$(picture "$2")" ] || { why="the image of $1 is not the same as the file"; return 1; }
}

# Folders on the way to $2 that do not exist yet, deepest last, into the file $1.
missing_folders() {
  : >"$1"
  folder=${2%/*}
  while [ -n "$folder" ] && [ ! -d "$folder" ]; do
    { echo "$folder"; cat "$1"; } >"$1.new" && mv -f "$1.new" "$1"
    folder=${folder%/*}
  done
}

real_path() {
  if [ -L "$1" ]; then readlink -f "$1"; else echo "$1"; fi
}

# Acts that only tell a service keep the first image: what they show follows from files that other acts put back.
saved() { [ -e "$RUN/before/$1.state" ]; }

# The same name every time, so that what a killed run left behind can be swept.
beside() { echo "${1%/*}/.plumbline-$ID-$2"; }

save_file() { # N PATH
  picture "$2" >"$RUN/before/$1.state" || return 1
  missing_folders "$RUN/before/$1.folders" "$2" || return 1
  real=$(real_path "$2")
  if [ -f "$real" ]; then
    image "$real" "$RUN/before/$1.bytes" || return 1
  elif [ -e "$real" ]; then
    why="$2 is neither a file nor absent"
    return 1
  fi
}

# The content of file $2 becomes the content of path $3 in one step; a file that is there keeps its owner, mode and
# attributes, a new one is root's with mode $4.
put_file() { # N CONTENT PATH MODE
  while IFS= read -r folder; do
    [ -d "$folder" ] || mkdir -m 755 "$folder" || return 1
    [ ! -x /sbin/restorecon ] || /sbin/restorecon "$folder" 2>/dev/null
  done <"$RUN/before/$1.folders"
  real=$(real_path "$3")
  new=$(beside "$real" "$1")
  if [ -f "$real" ]; then
    image "$real" "$new" && cat "$2" >"$new" || { rm -f "$new"; return 1; }
  else
    cat "$2" >"$new" && chmod "$4" "$new" && chown 0:0 "$new" || { rm -f "$new"; return 1; }
  fi
  durable "$new" && mv -f "$new" "$real" || { rm -f "$new"; return 1; }
  # a label follows from the path, so it is set where the file now stands
  [ -s "$RUN/before/$1.bytes" ] || [ ! -x /sbin/restorecon ] || /sbin/restorecon "$real" 2>/dev/null
  durable "${real%/*}"
}

back_file() { # N PATH
  read -r was <"$from/before/$1.state" || return 1
  real=$(real_path "$2")
  new=$(beside "$real" "$1")
  rm -f "$new"
  [ "$(picture "$2")" != "$was" ] || { back_folders "$1"; return 0; }
  # somebody else's edit is never lost: it stays in the record of the run
  if [ -f "$real" ] && [ -s "$RUN/done/$1.state" ] && [ "$(picture "$2")" != "$(cat "$RUN/done/$1.state")" ]; then
    cp -p "$real" "$RUN/before/$1.edited" && note edited "a:$1" "$2 was changed by somebody else; that version is in before/$1.edited"
  fi
  case $was in
  *absent) rm -f "$real" ;;
  *)
    # without room for a copy the image itself takes the place; it has then served
    image "$from/before/$1.bytes" "$new" || { rm -f "$new"; ln "$from/before/$1.bytes" "$new"; } || return 1
    durable "$new"
    mv -f "$new" "$real" || return 1
    ;;
  esac
  back_folders "$1"
  [ ! -d "${real%/*}" ] || durable "${real%/*}"
}

back_folders() {
  [ -s "$from/before/$1.folders" ] || return 0
  sort -r "$from/before/$1.folders" | while IFS= read -r folder; do rmdir "$folder" 2>/dev/null; done
  return 0
}

# --- the safety timer --------------------------------------------------------------------------------------------------

systemd_runs() { [ -d /run/systemd/system ] && have systemctl; }

# Where the server reads what to do at boot, on systems without systemd.
boot_hook() {
  if [ -d /etc/local.d ] && have rc-service; then echo /etc/local.d/plumbline-revert.start
  elif [ -d /etc/cron.d ] && cron_runs; then echo /etc/cron.d/plumbline-revert
  fi
}

cron_runs() {
  for stat in /proc/[0-9]*/comm; do
    read -r name 2>/dev/null <"$stat" || continue
    case $name in cron | crond | cronie | fcron) return 0 ;; esac
  done
  return 1
}

boot_unit=/etc/systemd/system/plumbline-revert.service
boot_new=/etc/systemd/system/.plumbline-revert.new
boot_wants=/etc/systemd/system/sysinit.target.wants/plumbline-revert.service

# What a boot does: puts back every run that was still waiting for an answer.
write_boot() {
  {
    echo '#!/bin/sh'
    echo '# Plumbline: puts back runs that were not confirmed before the power went.'
    echo "for run in '$BASE'/runs/*/; do"
    # what is not systemd runs this only when services are up already
    if systemd_runs; then reason=boot; else reason=started; fi
    # shellcheck disable=SC2016
    printf '  if [ -e "$run/armed" ] || [ -e "$run/reverting" ]; then /bin/sh "$run/run.sh" revert %s >>"$run/log" 2>&1 </dev/null; fi\n' "$reason"
    echo 'done'
  } >"$BASE/.boot.new" && durable "$BASE/.boot.new" && mv -f "$BASE/.boot.new" "$BASE/boot.sh" || return 1
  boot=none
  if systemd_runs; then
    {
      echo '[Unit]'
      echo 'Description=Plumbline: put back changes that nobody confirmed'
      echo 'DefaultDependencies=no'
      echo "RequiresMountsFor=$BASE /etc"
      echo 'After=local-fs.target systemd-remount-fs.service'
      printf '%s\n' 'Before=sysinit.target systemd-sysctl.service systemd-modules-load.service network-pre.target ssh.service sshd.service ssh.socket' \
        'Before=ufw.service firewalld.service nftables.service netfilter-persistent.service iptables.service ip6tables.service'
      echo 'Wants=network-pre.target'
      echo 'Conflicts=shutdown.target'
      echo '[Service]'
      echo 'Type=oneshot'
      echo 'TimeoutStartSec=300'
      echo "ExecStart=/bin/sh $BASE/boot.sh"
      echo '[Install]'
      echo 'WantedBy=sysinit.target'
    } >"$boot_new" && chmod 644 "$boot_new" && durable "$boot_new" && mv -f "$boot_new" "$boot_unit" || return 1
    [ ! -x /sbin/restorecon ] || /sbin/restorecon "$boot_unit" 2>/dev/null
    mkdir -p "${boot_wants%/*}" && ln -sf "$boot_unit" "$boot_wants" && durable "${boot_unit%/*}" "${boot_wants%/*}"
    systemctl is-enabled -q plumbline-revert.service 2>/dev/null && boot=systemd
  else
    hook=$(boot_hook)
    case $hook in
    */local.d/*) printf '#!/bin/sh\n/bin/sh %s/boot.sh\n' "$BASE" >"$hook" && chmod 755 "$hook" && boot=local.d ;;
    */cron.d/*) printf '@reboot root /bin/sh %s/boot.sh\n' "$BASE" >"$hook" && chmod 644 "$hook" && boot=cron ;;
    esac
    [ -z "$hook" ] || durable "$hook" "${hook%/*}"
  fi
}

remove_boot() {
  for other in "$BASE"/runs/*/; do
    [ ! -e "$other/armed" ] && [ ! -e "$other/reverting" ] || return 0
  done
  rm -f "$boot_wants" "$boot_unit" "$boot_new" /etc/local.d/plumbline-revert.start /etc/cron.d/plumbline-revert "$BASE/boot.sh"
  rmdir "${boot_wants%/*}" 2>/dev/null
  # so that systemd forgets the unit as well
  ! systemd_runs || bounded 60 systemctl daemon-reload
  return 0
}

# Starts the clock that puts everything back in $1 seconds, for the reason $2 where it is not the deadline, and proves that
# it ticks. Deadlines are seconds of uptime in the file "deadline"; whoever fires earlier than that winds itself up again.
clocks=0
start_timer() {
  timer=none
  if systemd_runs && have systemd-run; then
    uptime_now
    # two clocks of one program may start within the same second
    clocks=$((clocks + 1))
    clock=plumbline-timer-$ID-$up-$$-$clocks
    # set while a boot is still at its beginning, it must not wait for the rest of it
    early=
    [ "${2:-}" != started ] || early=--timer-property=DefaultDependencies=no
    # transient timers are accurate to a minute unless told otherwise
    # shellcheck disable=SC2086 # one word or none
    bounded 20 systemd-run --quiet --unit="$clock" --description="Plumbline: put run $ID back" --on-active="${1}s" --timer-property=AccuracySec=1s $early \
      --property=DefaultDependencies=no --property=TimeoutStopSec=5s --property=Restart=on-failure --property=RestartSec=2s /bin/sh "$RUN/run.sh" revert "${2:-timer}" &&
      systemctl is-active -q "$clock.timer" && timer=systemd
    echo "$clock" >>"$RUN/timers"
  fi
  # what a unit of systemd leaves behind ends with it, so there a process is no clock
  if [ "$timer" = none ] && [ -z "${INVOCATION_ID:-}" ]; then
    # HUP ignored, own session, all three streams on files, cwd /: plain nohup dies with the sign-in
    (
      trap '' HUP
      if have setsid; then exec setsid /bin/sh "$RUN/run.sh" watch; else exec /bin/sh "$RUN/run.sh" watch; fi
    ) </dev/null >>"$RUN/log" 2>&1 &
    tries=0
    while [ "$tries" -lt 30 ]; do
      watcher_lives && timer=process && break
      tries=$((tries + 1))
      nap
    done
  fi
  [ "$timer" != none ]
}

over() { [ -e "$RUN/confirmed" ] || [ -e "$RUN/reverted" ] || [ -e "$RUN/refused" ] || [ -e "$RUN/undone" ]; }

watcher_lives() {
  read -r pid start 2>/dev/null <"$RUN/watcher" || return 1
  start_of "$pid" && [ "$started" = "$start" ]
}

watch() {
  start_of $$ && keep_word watcher "$$ $started"
  while ! over; do
    seconds_left
    # as a child: should it be killed, it is started again
    [ "$left" -gt 0 ] || /bin/sh "$RUN/run.sh" revert timer || return
    sleep 1
  done
}

seconds_left() {
  uptime_now
  read -r due 2>/dev/null <"$RUN/deadline" || due=0
  left=$((due - up))
}

# The deadline becomes $1 seconds from now, never past the hard maximum.
set_deadline() {
  uptime_now
  due=$((up + $1))
  if read -r latest 2>/dev/null <"$RUN/latest" && [ "$due" -gt "$latest" ]; then due=$latest; fi
  # acts that take no time move it nowhere
  if read -r standing 2>/dev/null <"$RUN/deadline" && [ "$standing" = "$due" ]; then return 0; fi
  keep_word deadline "$due"
}

# Before an act of change $1. A timer that was stopped is no unit any more; systemd itself is asked once a change.
timer_ticks() {
  if [ "$timer" != systemd ]; then watcher_lives; return; fi
  [ -e "/run/systemd/transient/$clock.timer" ] || return 1
  [ "${ticked:-}" != "$1" ] || return 0
  systemctl is-active -q "$clock.timer" && ticked=$1
}

# shellcheck disable=SC2086 # names are words
stop_timers() {
  if [ -e "$RUN/timers" ]; then
    stopping='' forgetting=''
    while IFS= read -r unit; do
      stopping="$stopping $unit.timer" forgetting="$forgetting $unit.service"
    done <"$RUN/timers"
    systemctl stop $stopping 2>/dev/null
    systemctl reset-failed $forgetting 2>/dev/null
  fi
  return 0
}

# --- going forward -----------------------------------------------------------------------------------------------------

MODE=apply
from=$RUN
if [ -e "$RUN/mode" ]; then
  read -r MODE SOURCE LEAVE OVER <"$RUN/mode"
  SOURCE=$BASE/runs/$SOURCE
fi

# The acts of this run: of an undo, those that the run it undoes has done.
acts() {
  if [ "$MODE" = undo ]; then
    for n in $(acts_of "$1"); do
      case ",$LEAVE," in *",$n,"*) continue ;; esac
      [ ! -e "$SOURCE/done/$n.state" ] || printf '%s ' "$n"
    done
  else
    acts_of "$1"
  fi
}

backwards() {
  turned=
  for word in "$@"; do turned="$word $turned"; done
  echo "$turned"
}

# shellcheck disable=SC2086,SC2046
changes() { if [ "$MODE" = undo ]; then backwards $CHANGES; else echo "$CHANGES"; fi; }

refuse() {
  note refused run "$1 ${2:-}"
  : >"$RUN/refused"
  durable "$RUN"
  unlock
  exit 0
}

enough_room() {
  # 8 MiB for the record and twice that of every image; and at least 32 inodes
  for where in "$BASE" /etc; do
    free=$(df -Pk "$where" | awk 'END { print $4 }')
    [ "${free:-0}" -ge 8192 ] || { why="$where has only ${free:-0} KiB free"; return 1; }
    inodes=$(df -Pi "$where" 2>/dev/null | awk 'END { print $4 }')
    case $inodes in '' | *[!0-9]*) ;; *) [ "$inodes" -ge 32 ] || [ "$inodes" = 0 ] || { why="$where has only $inodes inodes free"; return 1; } ;; esac
  done
}

tools() {
  for tool in awk cat chmod chown cmp cp cut date df dirname grep head ln mkdir mv readlink rm rmdir sed sha256sum sort stat sync tail tr; do
    have "$tool" || { why="$tool"; return 1; }
  done
}

persistent() {
  case $(stat -f -c %T "$BASE" 2>/dev/null) in tmpfs | ramfs) return 1 ;; esac
}

other_open() {
  for other in "$BASE"/runs/*/; do
    other=${other%/}
    [ "$other" != "$RUN" ] || continue
    if [ -e "$other/armed" ] || [ -e "$other/reverting" ]; then
      open=${other##*/}
      return 0
    fi
  done
  return 1
}

# What differs from the preview, or of an undo: what somebody edited since. Looks at what was just saved: that, and not a
# moment before or after it, is what putting back comes to.
drifted() {
  drift=
  for change in $CHANGES; do
    for n in $(acts "$change"); do
      now=
      IFS= read -r now 2>/dev/null <"$RUN/before/$n.state" || now=$(act "$n" state)
      if [ "$MODE" = undo ]; then
        case ",$OVER," in *",$n,"*) continue ;; esac
        [ "$now" = "$(cat "$SOURCE/done/$n.state")" ] || [ "$now" = "$(cat "$SOURCE/before/$n.state")" ] || { drift="$drift $n"; note edited "a:$n" "$now"; }
      else
        was=$(preview "$n")
        # what stands as it is wanted already is nobody's edit that could be lost
        [ -z "$was" ] || [ "$now" = "$was" ] || act "$n" check || { drift="$drift $n"; note drifted "a:$n" "$was -> $now"; }
      fi
    done
  done
  [ -n "$drift" ]
}

# Before-images of everything, hashed and on disk. A change of which something cannot be preserved is not begun.
save_all() {
  mkdir -p "$RUN/before" "$RUN/done"
  UNSAVED=' '
  for change in $CHANGES; do
    for n in $(acts "$change"); do
      why='it cannot be changed here'
      if ! act "$n" save; then
        note failed "a:$n" "$why"
        UNSAVED="$UNSAVED$change "
        break
      fi
    done
  done
  (cd "$RUN/before" && for image in *.state *.bytes; do [ ! -e "$image" ] || sha256sum "$image"; done) >"$RUN/images"
  durable "$RUN"/before/* "$RUN/images" "$RUN/before" "$RUN"
}

# Could all be put back right now? Images whole, and everything still as they show it. Reads only.
rehearse() {
  (cd "$RUN/before" && sha256sum -c "$RUN/images" >/dev/null 2>&1) || { why='an image is damaged'; return 1; }
  for change in $CHANGES; do
    case $UNSAVED in *" $change "*) continue ;; esac
    for n in $(acts "$change"); do
      from=$RUN
      same_as_before "$n" || { why="what act $n touches is moving"; return 1; }
    done
  done
  sh -n "$RUN/run.sh"
}

arm() {
  # a little room that only putting back may use
  dd if=/dev/zero of="$RUN/ballast" bs=1024 count=64 2>/dev/null && durable "$RUN/ballast" || return 1
  uptime_now
  keep_word latest $((up + LONGEST)) && set_deadline "$STEP" || return 1
  # the clock first: from here on somebody tidies up, whenever this program is killed
  start_timer "$STEP" || { why='no timer could be started'; return 1; }
  write_boot || return 1
  : >"$RUN/armed" && durable "$RUN/armed" "$RUN" || return 1
  if [ "$CUTS" = 1 ] && [ "$boot" = none ]; then
    why='nothing here would put back after a reboot'
    return 1
  fi
  note armed run "$WINDOW $timer $boot"
}

apply() {
  trap '' HUP
  start_of $$ && keep_word runner "$$ $started"
  tools || refuse tool "$why"
  lock 15 || { worker_of "$owner" && refuse locked "$worker"; }
  if [ -e "$RUN/armed" ]; then
    # going on after the runner was lost: what is done is skipped, the clock starts anew
    set_deadline "$STEP" && start_timer "$STEP" || { unlock; exit 1; }
    UNSAVED=' '
    note resumed run
  else
    other_open && refuse open "$open"
    persistent || refuse volatile "$BASE"
    enough_room || refuse room "$why"
    jot begun run "$MODE"
    for change in $(changes); do jot planned "c:$change"; done
    save_all
    drifted && refuse drift "${drift# }"
    note saved run
    rehearse || refuse rehearsal "$why"
    jot rehearsed run
    if ! arm; then
      stop_timers
      rm -f "$RUN/armed"
      remove_boot
      refuse unarmed "$why"
    fi
  fi
  worked=' '
  touched=0
  acts_begun
  earlier=$begun
  for change in $(changes); do forward "$change"; done
  rm -f "$RUN/busy"
  if [ "$touched" = 0 ] && [ "$earlier" = ' ' ]; then
    # nothing was changed, so there is nothing to ask
    mv "$RUN/armed" "$RUN/confirmed" 2>/dev/null && note unchanged run
    stop_timers
    remove_boot
    unlock
    return
  fi
  # what undo will need to know is on disk before anybody can keep it
  set -- "$RUN"/done/*
  [ -e "$1" ] || set --
  durable "$@" "$RUN/done"
  uptime_now
  keep_word latest $((up + LONGEST))
  set_deadline "$WINDOW"
  # the clock that runs was set for a step, and a step may be longer
  [ "$WINDOW" -ge "$STEP" ] || start_timer "$WINDOW"
  note applied run "$WINDOW"
  unlock
}

forward() {
  case $UNSAVED in *" $1 "*) note abandoned "c:$1" 'something of it could not be kept'; return ;; esac
  # taken back in the other order, what needed something goes before it
  if [ "$MODE" = undo ]; then undo_change "$1"; return; fi
  for other in $(wants "$1"); do
    case $worked in *" $other "*) ;; *) note skipped "c:$1" "$other"; return ;; esac
  done
  did=
  news=0
  for n in $(acts "$1"); do
    # also after going on: what was written before the runner was lost has not been read by anybody yet
    case $earlier in *" $n "*) news=1 ;; esac
    [ -e "$RUN/armed" ] || { note halted run; unlock; exit 0; }
    why='it is not as it was asked for'
    if act "$n" check; then
      case $earlier in
      *" $n "*) if [ -e "$RUN/done/$n.state" ]; then jot already "a:$n"; else did="$did $n" && done_act "$n"; fi ;;
      *) jot already "a:$n" ;;
      esac
      continue
    fi
    timer_ticks "$1" || start_timer "$STEP" || { note halted run 'the safety timer stopped'; exec /bin/sh "$RUN/run.sh" revert timer-lost; }
    set_deadline "$STEP"
    # what an earlier act of this run has made is how this one finds it
    if ! same_as_before "$n" && ! act "$n" save; then
      note failed "a:$n" "$why"
      note abandoned "c:$1" "$why"
      # shellcheck disable=SC2086
      restore "$1" "$(backwards $did)" "$did" || note stuck "c:$1"
      return
    fi
    note started "a:$n" || { note halted run; exec /bin/sh "$RUN/run.sh" revert journal; }
    touched=1
    news=1
    did="$did $n"
    why='the server does not say why'
    if act "$n" 'do' && { why='it is not as it was asked for'; act "$n" check; }; then
      done_act "$n"
    else
      note failed "a:$n" "$why"
      reason=$why
      from=$RUN
      # shellcheck disable=SC2086
      restore "$1" "$(backwards $did)" "$did" || note stuck "c:$1"
      note abandoned "c:$1" "$reason"
      return
    fi
  done
  worked="$worked$1 "
  if [ -n "$did" ]; then jot finished "c:$1"; else jot already "c:$1"; fi
}

done_act() {
  act "$1" state >"$RUN/done/$1.state"
  jot 'done' "a:$1"
}

undo_change() {
  mine=$(acts "$1")
  [ -n "${mine# }" ] || { jot already "c:$1"; worked="$worked$1 "; return; }
  [ -e "$RUN/armed" ] || { note halted run; unlock; exit 0; }
  set_deadline "$STEP"
  for n in $mine; do note started "a:$n"; done
  touched=1
  from=$SOURCE
  # shellcheck disable=SC2086
  if restore "$1" "$(backwards $mine)" "$mine"; then
    for n in $mine; do done_act "$n"; done
    jot finished "c:$1"
    worked="$worked$1 "
  else
    from=$RUN
    restore "$1" "$mine" "$mine" || note stuck "c:$1"
    note abandoned "c:$1" 'it could not be taken back'
  fi
}

# --- and back ----------------------------------------------------------------------------------------------------------

# Takes the acts $2 (in this order) of change $1 back to what $from/before shows, then lets services read again what $3
# names, then looks. Goes on after a failed one.
restore() {
  whole=0
  late=
  for n in $2; do
    why='the server does not say why'
    act "$n" back
    case $? in
    0) if same_as_before "$n"; then note undone "a:$n"; else late="$late $n"; fi ;;
    9) note left "a:$n" "$why" ;;
    *) say "act $n: $why" && late="$late $n" ;;
    esac
  done
  # services that a boot has started since the files were back have read them
  if [ "${REASON:-}" != started ] || ! systemd_runs || [ -n "$late" ]; then
    for n in $3; do act "$n" settle; done
  fi
  for n in $late; do
    if same_as_before "$n"; then
      note undone "a:$n"
    elif [ "${REASON:-}" = boot ] && [ "$now" = absent ]; then
      # so early in a boot the module that has this value is not there yet: it comes up with the files, which are back
      note undone "a:$n" 'after this boot'
    else
      if [ "${REASON:-}" = boot ]; then say "act $n: not so before the services run: $was -> $now"; else note stuck "a:$n" "$was -> $now"; fi
      whole=1
    fi
  done
  return "$whole"
}

same_as_before() {
  now=$(act "$1" state)
  was=
  IFS= read -r was 2>/dev/null <"$from/before/$1.state"
  [ "$now" = "$was" ]
}

stop_runner() {
  read -r pid start 2>/dev/null <"$RUN/runner" || return 0
  [ "$pid" != $$ ] || return 0
  # what must not be torn in the middle (a package being unpacked) gets its time
  waited=0
  while [ -e "$RUN/busy" ] && start_of "$pid" && [ "$started" = "$start" ] && [ "$waited" -lt 1800 ]; do
    sleep 1
    waited=$((waited + 1))
  done
  systemd_runs && systemctl kill -s KILL "plumbline-run-$ID.service" 2>/dev/null
  while start_of "$pid" && [ "$started" = "$start" ]; do
    # its whole group first: a child that still writes would write after us
    kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
    nap
  done
}

revert() {
  trap '' HUP TERM
  REASON=${1:-asked}
  if [ -e "$RUN/armed" ]; then
    if [ "$REASON" = timer ]; then
      seconds_left
      if [ "$left" -gt 0 ]; then
        # by a process this is called only at the end; a unit winds itself up again for the rest. Never for longer than a
        # step: what takes long (packages) may move the deadline far away and, once done, near again
        systemd_runs || exit 0
        [ "$left" -le "$STEP" ] || left=$STEP
        start_timer "$left" && exit 0
      fi
    fi
    mv "$RUN/armed" "$RUN/reverting" 2>/dev/null
    durable "$RUN"
  fi
  if [ ! -e "$RUN/reverting" ]; then
    lost_before
    exit 0
  fi
  stop_runner
  # on a full disk not even the lock could be made without the room that was set aside
  rm -f "$RUN/ballast"
  lock 1800 || exit 1
  [ -e "$RUN/reverting" ] || { unlock; exit 0; }
  rm -f "$RUN/busy"
  note reverting run "$REASON"
  [ "$REASON" != started ] || services_up
  tries=0
  while ! revert_all; do
    tries=$((tries + 1))
    # files are back before anything reads them; what services make of them shows once they run
    if [ "$REASON" = boot ] && start_timer 5 started; then
      unlock
      exit 0
    fi
    if [ "$tries" -ge 3 ]; then
      note stuck run 'tried again at the next boot, or when asked'
      unlock
      exit 0
    fi
    sleep 2
  done
  mv "$RUN/reverting" "$RUN/reverted" 2>/dev/null
  note reverted run "$REASON"
  durable "$RUN"
  stop_timers_but_mine
  remove_boot
  unlock
}

# Waits until a boot has come to its end, well or badly.
services_up() {
  waited=0
  while [ "$waited" -lt 300 ] && systemd_runs; do
    case $(systemctl is-system-running 2>/dev/null) in initializing | starting) ;; *) return 0 ;; esac
    sleep 1
    waited=$((waited + 1))
  done
}

# The timer of a run that was never armed: where its program is gone, what it prepared is tidied away.
lost_before() {
  ! over || return 0
  if read -r pid start 2>/dev/null <"$RUN/runner" && start_of "$pid" && [ "$started" = "$start" ]; then
    ! systemd_runs || start_timer 20
    return 0
  fi
  lock 30 || return 0
  note refused run 'lost the program ended before it changed anything'
  : >"$RUN/refused"
  rm -f "$RUN/ballast"
  remove_boot
  unlock
}

# The numbers of all acts that the journal says were begun.
acts_begun() {
  begun=' '
  while IFS=$TAB read -r _ _ word subject _; do
    [ "$word" != started ] || begun="$begun${subject#a:} "
  done <"$RUN/journal"
}

revert_all() {
  all=0
  from=$RUN
  acts_begun
  # shellcheck disable=SC2046,SC2086
  if [ "$MODE" = undo ]; then order=$CHANGES; else order=$(backwards $CHANGES); fi
  for change in $order; do
    mine=
    for n in $(acts_of "$change"); do
      case $begun in *" $n "*) mine="$mine $n" ;; esac
    done
    [ -n "$mine" ] || continue
    # shellcheck disable=SC2086
    if [ "$MODE" = undo ]; then restore "$change" "$mine" "$mine"; else restore "$change" "$(backwards $mine)" "$mine"; fi || all=1
  done
  return "$all"
}

# A service that stops its own timer would end itself: that one has fired and is gone anyway.
stop_timers_but_mine() {
  case $REASON in timer | started) rm -f "$RUN/timers" ;; *) stop_timers ;; esac
}

# --- answers -----------------------------------------------------------------------------------------------------------

keep() {
  if [ ! -e "$RUN/armed" ]; then echo late; return; fi
  if ! grep -q "${TAB}applied${TAB}" "$RUN/journal"; then echo unfinished; return; fi
  if mv "$RUN/armed" "$RUN/confirmed" 2>/dev/null; then
    durable "$RUN"
    note kept run
    if [ "$MODE" != undo ]; then
      # what waited for the word of a person, such as the permanent half of a firewall rule
      for change in $CHANGES; do
        for n in $(acts_of "$change"); do
          was=
          IFS= read -r was 2>/dev/null <"$RUN/done/$n.state" || continue
          act "$n" kept >>"$RUN/log" 2>&1 || note failed "a:$n" "$why"
          # and what later acts have made of it: undo compares with how the run has left it as a whole
          now=$(act "$n" state)
          [ "$now" = "$was" ] || { printf '%s\n' "$now" >"$RUN/done/.$n.new" && durable "$RUN/done/.$n.new" && mv -f "$RUN/done/.$n.new" "$RUN/done/$n.state"; }
        done
      done
      durable "$RUN/done"
    fi
    if [ "$MODE" = undo ]; then mv "$SOURCE/confirmed" "$SOURCE/undone" 2>/dev/null; fi
    rm -f "$RUN/ballast"
    stop_timers
    remove_boot
    echo kept
  else
    echo late
  fi
}

extend() {
  if [ -e "$RUN/armed" ]; then
    set_deadline "$1"
    seconds_left
    echo "$left"
  else
    echo late
  fi
}

case ${1:-} in
apply) apply ;;
revert) revert "${2:-asked}" ;;
watch) watch ;;
keep) keep ;;
extend) extend "$2" ;;
rehearse) UNSAVED=' ' && rehearse ;;
state) act "$2" state ;;
esac
