# A file of alert rules as Prometheus reads it: PATH. Only looked at.
rules_read() {
  case $1 in
  state) echo same ;;
  save) echo same >"$RUN/before/$2.state" ;;
  do | back | settle) : ;;
  check) ! have promtool || said=$(promtool check rules "$3" 2>&1) || { why="promtool: $(printf '%s\n' "$said" | tail -n 1)" && return 1; } ;;
  esac
}
