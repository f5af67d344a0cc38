# Shows one path: what stands there, and the text of a small file (ours, or a neighbour that decides how ours is read).
look() {
  printf '%s F %s\n%s P %s\n' "$NONCE" "$1" "$NONCE" "$(picture "$1")"
  [ -f "$1" ] || return 0
  [ "$(wc -c <"$1")" -le 65536 ] || return 0
  sed "s/^/$NONCE B /" "$1"
}

# Values that decide how far a change may go, beside those that the check has read.
look_values() {
  read -r open 2>/dev/null </proc/sys/fs/nr_open && printf '%s V nr_open %s\n' "$NONCE" "$open"
  return 0
}
