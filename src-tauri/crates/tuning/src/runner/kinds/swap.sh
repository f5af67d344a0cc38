# Swap. dd writes every block: a file with holes cannot be swapped to. Nothing is switched off that memory could not take.

memory_takes() { # KIB in swap that must fit
  free=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
  [ "${free:-0}" -gt $(($1 + $1 / 10 + 65536)) ] || { why="$1 KiB are in swap and only ${free:-0} KiB of memory are free" && return 1; }
}

swap_used() { awk -v only="$1" 'NR > 1 && (only == "" || $1 == only) { used += $4 } END { print used + 0 }' /proc/swaps; }

# A swap file of our own: PATH MIB.
swap_file() {
  case $1 in
  state)
    if ! [ -e "$3" ]; then echo absent
    elif awk -v path="$3" '$1 == path { found = 1 } END { exit !found }' /proc/swaps; then echo on
    else echo off
    fi
    ;;
  save)
    swap_file state "$2" "$3" "$4" >"$RUN/before/$2.state"
    free=$(df -Pm "${3%/*}/" | awk 'END { print $4 }')
    [ -e "$3" ] || [ "${free:-0}" -gt $(($4 + $4 / 10 + 1024)) ] || { why="a swap file of $4 MiB would leave less than 1 GB of the disk" && return 1; }
    ;;
  do)
    rm -f "$3" && : >"$3" && chmod 600 "$3" || return 1
    set_deadline 620
    bounded 600 dd if=/dev/zero of="$3" bs=1048576 count="$4" conv=fsync || { rm -f "$3" && return 1; }
    set_deadline "$STEP"
    bounded 60 mkswap "$3" && bounded 60 swapon "$3" || { rm -f "$3" && return 1; }
    ;;
  check) [ "$(swap_file state "$2" "$3" "$4")" = on ] && [ "$(stat -c %a "$3")" = 600 ] ;;
  back)
    read -r was <"$from/before/$2.state" || return 1
    [ "$was" = absent ] || return 0
    if [ "$(swap_file state "$2" "$3" "$4")" = on ]; then
      memory_takes "$(swap_used "$3")" && bounded 300 swapoff "$3" || return 1
    fi
    rm -f "$3"
    ;;
  settle) : ;;
  esac
}

# No swap now.
swap_off() {
  case $1 in
  state) awk 'NR > 1 { print $1 }' /proc/swaps | sort | tr '\n' ' ' | sed 's/ $//' | grep . || echo none ;;
  save) swap_off state "$2" >"$RUN/before/$2.state" ;;
  do) memory_takes "$(swap_used '')" && bounded 300 swapoff -a ;;
  check) [ "$(swap_off state "$2")" = none ] ;;
  back)
    [ "${REASON:-}" != boot ] || return 0
    read -r devices <"$from/before/$2.state"
    for device in $devices; do
      [ "$device" = none ] || awk -v path="$device" '$1 == path { found = 1 } END { exit !found }' /proc/swaps || bounded 60 swapon "$device"
    done
    return 0
    ;;
  settle) : ;;
  esac
}

# No swap after a boot: lines of fstab that name swap become comments, each with a mark.
fstab_mark='#plumbline# '

fstab_without_swap() {
  case $1 in
  state) picture /etc/fstab ;;
  save) save_file "$2" /etc/fstab ;;
  do)
    awk -v mark="$fstab_mark" '$1 !~ /^#/ && $3 == "swap" { print mark $0; next } { print }' /etc/fstab >"$RUN/.fstab" && put_file "$2" "$RUN/.fstab" /etc/fstab 644
    ;;
  check) ! awk '$1 !~ /^#/ && $3 == "swap" { found = 1 } END { exit !found }' /etc/fstab ;;
  back)
    if [ "$(picture /etc/fstab)" = "$(cat "$from/done/$2.state" 2>/dev/null)" ] || [ "$MODE" != undo ]; then
      back_file "$2" /etc/fstab
    else
      # somebody edited it since: only our marks go
      sed "s/^$fstab_mark//" /etc/fstab >"$RUN/.fstab" && put_file "$2" "$RUN/.fstab" /etc/fstab 644
      why='fstab was edited since: only our marks were taken out' && return 9
    fi
    ;;
  settle) : ;;
  esac
}
