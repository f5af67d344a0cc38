# Shows one path: what stands there, and the text of a small file (ours, or a neighbour that decides how ours is read).
look() {
  printf '%s F %s\n%s P %s\n' "$NONCE" "$1" "$NONCE" "$(picture "$1")"
  [ -f "$1" ] || return 0
  [ "$(wc -c <"$1")" -le 65536 ] || return 0
  sed "s/^/$NONCE B /" "$1"
}

# Values that decide how far a change may go, beside those that the check has read.
look_values() {
  printf '%s V package_tool %s\n' "$NONCE" "$(package_tool)"
  [ ! -d /run/systemd/system ] || printf '%s V init systemd\n' "$NONCE"
  read -r open 2>/dev/null </proc/sys/fs/nr_open && printf '%s V nr_open %s\n' "$NONCE" "$open"
  return 0
}

# The tool that installs programs here.
package_tool() {
  for tool in apt-get dnf yum zypper apk; do
    if have "$tool"; then echo "${tool%-get}"; return; fi
  done
  echo none
}

installed() { # TOOL NAME
  case $1 in
  apt) dpkg-query -W -f='${db:Status-Status}\n' "$2" 2>/dev/null | grep -qx installed ;;
  apk) apk info -e "$2" >/dev/null 2>&1 ;;
  *) rpm -q "$2" >/dev/null 2>&1 ;;
  esac
}

offered() { # TOOL NAME
  case $1 in
  apt) apt-cache policy "$2" 2>/dev/null | grep -q '^  Candidate: [^(]' ;;
  dnf | yum) "$1" -q -C list available "$2" >/dev/null 2>&1 || "$1" -q list available "$2" >/dev/null 2>&1 ;;
  zypper) zypper --non-interactive -q info "$2" 2>/dev/null | grep -q '^Version' ;;
  apk) apk search -e "$2" 2>/dev/null | grep -q . ;;
  *) return 1 ;;
  esac
}

# What installing would bring: LABEL, then for each tool its names.
look_packages() {
  label=$1
  tool=$(package_tool)
  case $tool in apt) names=$2 ;; dnf | yum) names=$3 ;; zypper) names=$4 ;; apk) names=$5 ;; *) names= ;; esac
  missing=
  unknown=
  for name in $names; do
    installed "$tool" "$name" && continue
    if offered "$tool" "$name"; then missing="$missing$name "; else unknown="$unknown$name "; fi
  done
  printf '%s V packages.%s.missing %s\n%s V packages.%s.unknown %s\n' "$NONCE" "$label" "$missing" "$NONCE" "$label" "$unknown"
  [ "$tool" = apt ] && [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086
  plan=$(apt-get -s -o Debug::NoLocking=1 --no-install-recommends install $missing 2>/dev/null)
  printf '%s V packages.%s.brings %s\n' "$NONCE" "$label" "$(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) (.*/\1/p' | tr '\n' ' ')"
  printf '%s V packages.%s.upgrades %s\n' "$NONCE" "$label" "$(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) \[.*/\1/p' | tr '\n' ' ')"
  printf '%s V packages.%s.removes %s\n' "$NONCE" "$label" "$(printf '%s\n' "$plan" | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')"
}

# How units stand: "enabled active" each.
look_units() {
  have systemctl || return 0
  for unit in "$@"; do
    # systemctl prints "not-found" or nothing for a unit that is not there
    enabled=$(systemctl is-enabled "$unit" 2>/dev/null)
    [ -n "$enabled" ] && [ "$enabled" != not-found ] || continue
    printf '%s V unit.%s %s %s\n' "$NONCE" "$unit" "$enabled" "$(systemctl is-active "$unit" 2>/dev/null)"
  done
}
