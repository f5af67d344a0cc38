# A file of our own: PATH MODE. Its content waits in after/N.
file() {
  case $1 in
  state) picture "$3" ;;
  save) save_file "$2" "$3" ;;
  do) put_file "$2" "$RUN/after/$2" "$3" "$4" ;;
  check) [ -f "$3" ] && cmp -s "$RUN/after/$2" "$3" ;;
  back) back_file "$2" "$3" ;;
  settle) : ;;
  esac
}
