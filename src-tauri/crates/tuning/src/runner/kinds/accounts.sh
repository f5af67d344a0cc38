# A system user that cannot sign in, and its group: USER GROUP.
account_files='/etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid /etc/subgid /etc/subuid- /etc/subgid-'

has_group() { grep -q "^$1:" /etc/group; }
has_user() { grep -q "^$1:" /etc/passwd; }

system_user() {
  case $1 in
  state)
    user=absent group=absent
    ! has_user "$3" || user=$(sed -n "s/^$3:[^:]*:\([^:]*:[^:]*\):.*:\([^:]*\)\$/\1:\2/p" /etc/passwd)
    ! has_group "$4" || group=there
    echo "$user $group"
    ;;
  save)
    for path in $account_files; do
      [ ! -f "$path" ] || image "$path" "$RUN/before/$2.bytes-${path##*/}" || return 1
    done
    system_user state "$2" "$3" "$4" >"$RUN/before/$2.state"
    ;;
  do)
    if have useradd; then
      has_group "$4" || bounded 30 groupadd --system "$4" || return 1
      has_user "$3" || bounded 30 useradd --system --gid "$4" --no-create-home --home-dir /nonexistent --shell "$(command -v nologin || echo /usr/sbin/nologin)" "$3"
    else
      has_group "$4" || bounded 30 addgroup -S "$4" || return 1
      has_user "$3" || bounded 30 adduser -S -D -H -h /nonexistent -s /sbin/nologin -G "$4" "$3"
    fi
    ;;
  check) has_user "$3" && has_group "$4" ;;
  back)
    read -r user group <"$from/before/$2.state" || return 1
    if [ "$user" = absent ] && has_user "$3"; then
      if have userdel; then bounded 30 userdel "$3"; else bounded 30 deluser "$3"; fi
    fi
    if [ "$group" = absent ] && has_group "$4"; then
      if have groupdel; then bounded 30 groupdel "$4"; else bounded 30 delgroup "$4"; fi
    fi
    # the tools keep copies of the files before their own change: where the files are the old ones, so shall these be
    for path in /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid; do
      cmp -s "$path" "$from/before/$2.bytes-${path##*/}" || continue
      copy=$from/before/$2.bytes-${path##*/}-
      if [ -f "$copy" ]; then
        new=$(beside "$path-" "$2")
        image "$copy" "$new" && mv -f "$new" "$path-"
      else
        rm -f "$path-"
      fi
    done
    return 0
    ;;
  settle) : ;;
  esac
}
