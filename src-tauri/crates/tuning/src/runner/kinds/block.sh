# File $1 with block $2 as in file $3: in its place, else at the end; left out where $3 is empty.
with_block() {
  if [ -f "$1" ]; then cat "$1"; else echo '# Written by Plumbline. Every block can be taken back in the app; edits outside the blocks stay.'; fi |
    awk -v name="$2" -v part="$3" '
      function pour(  line) { if (part != "") while ((getline line < part) > 0) print line; poured = 1 }
      index($0, "# [" name "]") == 1 { inside = 1; if (!poured) pour(); next }
      index($0, "# [/" name "]") == 1 { inside = 0; next }
      !inside { print }
      END { if (!poured) pour() }'
}

# Whether a file was there, and not begun by us.
theirs() { [ -f "$1" ] && ! grep -q '^# Written by Plumbline' "$1"; }

# A block in a file of our own that several changes share: PATH MODE NAME. Its text waits in after/N.
block() {
  case $1 in
  state) block_state "$3" "$5" ;;
  save)
    save_file "$2" "$3" || return 1
    block_text "$3" "$5" >"$RUN/before/$2.block"
    block_state "$3" "$5" >"$RUN/before/$2.state"
    ;;
  do)
    with_block "$3" "$5" "$RUN/after/$2" >"$RUN/.$2.new" && put_file "$2" "$RUN/.$2.new" "$3" "$4"
    ;;
  check) [ "$(block_text "$3" "$5")" = "$(cat "$RUN/after/$2")" ] ;;
  back)
    real=$(real_path "$3")
    rm -f "$(beside "$real" "$2")"
    [ "$(block_state "$3" "$5")" != "$(cat "$from/before/$2.state")" ] || { back_folders "$2"; return 0; }
    part=$from/before/$2.block
    [ -s "$part" ] || part=
    with_block "$3" "$5" "$part" >"$RUN/.$2.new" || return 1
    # the file as it was, even where its last line had no end
    if [ -f "$from/before/$2.bytes" ] && awk 1 "$from/before/$2.bytes" | cmp -s - "$RUN/.$2.new"; then cat "$from/before/$2.bytes" >"$RUN/.$2.new"; fi
    # a file that was there and empty is there and empty again
    if grep -qv '^# Written by Plumbline' "$RUN/.$2.new" || theirs "$from/before/$2.bytes"; then
      [ -e "$RUN/before/$2.folders" ] || : >"$RUN/before/$2.folders"
      put_file "$2" "$RUN/.$2.new" "$3" "$4"
    else
      rm -f "$real" && durable "${real%/*}" && back_folders "$2"
    fi
    ;;
  settle) : ;;
  esac
}
