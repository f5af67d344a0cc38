# A kernel module: NAME. A built-in one is there as well.
kernel_module() {
  folder=/sys/module/$(printf '%s' "$3" | tr - _)
  case $1 in
  state)
    if [ -d "$folder" ]; then echo loaded
    elif modinfo "$3" 2>/dev/null | grep -q '^filename:.*builtin'; then echo loaded
    else echo absent
    fi
    ;;
  save) kernel_module state "$2" "$3" >"$RUN/before/$2.state" ;;
  do) bounded 30 modprobe "$3" ;;
  check) [ "$(kernel_module state "$2" "$3")" = loaded ] || { why="the module $3 is not loaded" && return 1; } ;;
  back)
    read -r was <"$from/before/$2.state" || return 1
    [ "$was" = absent ] && [ -d "$folder" ] || return 0
    # somebody may have come to use it
    modprobe -r "$3" 2>/dev/null || rmmod "$3" 2>/dev/null || { why="the module $3 is in use by now and stays until the next boot" && return 9; }
    ;;
  settle) : ;;
  esac
}
