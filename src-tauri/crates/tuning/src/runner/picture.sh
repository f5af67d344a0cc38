# How things stand, each in one line. The preview and the run use the same words, so that they can be compared.

have() { command -v "$1" >/dev/null 2>&1; }

# The extended attributes of a file (access lists and security labels among them) as one word: "-" none, "?" cannot tell.
attributes() {
  have getfattr || { echo '?'; return; }
  all=$(getfattr -h -d -m - -e hex --absolute-names -- "$1" 2>/dev/null) || all=$(getfattr -h -d "$1" 2>/dev/null) || { echo '?'; return; }
  # most files have none
  [ -z "$all" ] || all=$(printf '%s\n' "$all" | grep -v '^#' | grep . | sort)
  [ -n "$all" ] || { echo '-'; return; }
  all=$(printf '%s\n' "$all" | sha256sum)
  echo "${all%% *}"
}

# What stands at a path, in one line: kind, content, mode, owner, group, attributes.
picture() {
  path=$1
  if [ -L "$path" ]; then
    printf 'link %s ' "$(readlink "$path")"
    path=$(readlink -f "$path") || { echo broken; return; }
  fi
  if [ -f "$path" ]; then
    hash=$(sha256sum <"$path") || hash=unreadable
    printf 'file %s %s %s\n' "${hash%% *}" "$(stat -c '%a %u %g' "$path")" "$(attributes "$path")"
  elif [ -d "$path" ]; then
    printf 'folder %s %s\n' "$(stat -c '%a %u %g' "$path")" "$(attributes "$path")"
  elif [ -e "$path" ]; then
    echo other
  else
    echo absent
  fi
}

# The text of block $2 of file $1, with its two marks.
block_text() {
  [ -f "$1" ] || return 0
  awk -v name="$2" '
    index($0, "# [" name "]") == 1 { inside = 1 }
    inside { print }
    index($0, "# [/" name "]") == 1 { inside = 0 }' "$1"
}

block_state() { # PATH NAME
  text=$(block_text "$1" "$2")
  [ -n "$text" ] || { echo absent; return; }
  text=$(printf '%s\n' "$text" | sha256sum)
  echo "block ${text%% *}"
}
