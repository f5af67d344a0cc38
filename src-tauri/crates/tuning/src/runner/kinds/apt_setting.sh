# A setting of apt as it takes effect from all its files: NAME VALUE. Only looked at.
apt_setting() {
  case $1 in
  state) apt-config dump --format '%v%n' "$3" 2>/dev/null | tail -n 1 | grep . || echo absent ;;
  save) saved "$2" || apt_setting state "$2" "$3" >"$RUN/before/$2.state" ;;
  do | settle) : ;;
  check)
    why="$3 is $(apt_setting state "$2" "$3"): another file wins over ours"
    [ "$(apt_setting state "$2" "$3")" = "$4" ]
    ;;
  back) : ;;
  esac
}
