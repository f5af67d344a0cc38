# A kernel parameter: KEY VALUE.
kernel_value() {
  where=/proc/sys key=$3.
  while [ -n "$key" ]; do where=$where/${key%%.*} key=${key#*.}; done
  case $1 in
  # not by the shell's own read, which asks for one byte at a time: the kernel gives such a value whole or not at all
  state) if [ -e "$where" ]; then tr -s "$TAB " ' ' <"$where" 2>/dev/null || echo unreadable; else echo absent; fi ;;
  save) kernel_value state "$2" "$3" >"$RUN/before/$2.state" && { [ ! -e "$where" ] || [ -w "$where" ] || { why="$3 belongs to the host and cannot be changed from inside" && return 1; }; } ;;
  do)
    # some hosts show a value, take a write and answer "invalid argument": their words go to the journal
    said=$({ printf '%s\n' "$4" >"$where"; } 2>&1) || { why="the kernel refused $3 = $4: ${said##*: }"; return 1; }
    ;;
  check) [ "$(kernel_value state "$2" "$3")" = "$4" ] ;;
  back)
    read -r was <"$from/before/$2.state" || return 1
    case $was in absent | unreadable) return 0 ;; esac
    [ -e "$where" ] || return 0
    [ "$(kernel_value state "$2" "$3")" = "$was" ] || printf '%s\n' "$was" >"$where"
    ;;
  settle) : ;;
  esac
}
