# Programs from the distribution: TOOL NAMES. What is installed here and now is removed again by undo, with what it pulled
# in, where nothing else has come to need it. The safety timer leaves programs alone: they cut no line, and putting back
# must wait for nobody's package lock.

package_version() {
  case $1 in
  apt) dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$2" 2>/dev/null | sed -n 's/^installed //p' ;;
  apk) apk info -e -v "$2" 2>/dev/null ;;
  *) rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$2" 2>/dev/null | grep -v ' is not installed' ;;
  esac
}

all_packages() {
  case $1 in
  apt) dpkg-query -W -f='${db:Status-Status} ${Package}:${Architecture}\n' | sed -n 's/^installed //p' ;;
  apk) apk info 2>/dev/null ;;
  *) rpm -qa --qf '%{NAME}.%{ARCH}\n' ;;
  esac | sort
}

# Who holds the lock of the package database: waits for that program by its name, never against it.
wait_for_packages() {
  waits=0
  while [ "$waits" -lt 300 ]; do
    locks=$(stat -c %i /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock /var/lib/rpm/.rpm.lock /run/zypp.pid 2>/dev/null)
    holder=$(LOCKS=$locks awk 'BEGIN { for (n = split(ENVIRON["LOCKS"], inodes); n; n--) lock[inodes[n]] } $2 != "->" && sub(/.*:/, "", $6) && $6 in lock { print $5; exit }' /proc/locks)
    [ -n "$holder" ] || return 0
    read -r name 2>/dev/null <"/proc/$holder/comm" || name=unknown
    [ $((waits % 10)) != 0 ] || say "waiting for $name (process $holder) to finish with the packages, at most $((300 - waits)) s more"
    set_deadline "$STEP"
    sleep 1
    waits=$((waits + 1))
  done
  why="$name (process $holder) still holds the package database after 5 minutes"
  return 1
}

apt_get() { # SECONDS WORDS
  seconds=$1
  shift
  bounded "$seconds" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1 \
    apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dpkg::Use-Pty=0 "$@"
}

apt_install() { apt_get 1500 --no-install-recommends --no-remove install "$@"; }

install_packages() {
  tool=$1
  shift
  case $tool in
  apt)
    apt_install "$@" && return 0
    said=$(cat "$RUN/.said")
    case $said in
    *'dpkg was interrupted'* | *'unmet dep'* | *'Unmet dep'* | *'needs to be reinstalled'* | *'Unable to locate'* | *'Unable to correct'* | *'no installation candidate'* | *'remove is disabled'* | *' 404 '*) ;;
    *) return 1 ;;
    esac
    # a database left half way by somebody, or old lists, are put right; what would be removed is told by name
    [ -z "$(dpkg --audit 2>/dev/null)" ] || bounded 600 dpkg --configure -a
    if ! case $said in *' 404 '*) false ;; esac || ! apt-get -s -o Debug::NoLocking=1 --no-install-recommends install "$@" >"$RUN/.plan" 2>&1; then
      bounded 180 apt-get -q update
      apt-get -s -o Debug::NoLocking=1 --no-install-recommends install "$@" >"$RUN/.plan" 2>&1 || { why=$(grep '^E:' "$RUN/.plan" | head -n 2 | tr '\n' ' '); return 1; }
    fi
    if grep -q '^Remv ' "$RUN/.plan"; then
      why="that would remove $(sed -n 's/^Remv \([^ ]*\).*/\1/p' "$RUN/.plan" | tr '\n' ' ')"
      return 1
    fi
    apt_install "$@"
    ;;
  dnf | yum) bounded 1500 "$tool" -y --setopt=install_weak_deps=False install "$@" ;;
  zypper) bounded 1500 zypper --non-interactive install --no-recommends "$@" ;;
  apk) bounded 1500 apk add "$@" ;;
  *) why="no package tool is known here" && return 1 ;;
  esac
}

remove_packages() {
  tool=$1
  shift
  case $tool in
  # names that something else needs by now are left by these tools themselves
  apt) bounded 600 env DEBIAN_FRONTEND=noninteractive dpkg --purge "$@" ;;
  apk) bounded 600 apk del "$@" ;;
  *) bounded 600 rpm -e "$@" ;;
  esac
}

# shellcheck disable=SC2086 # names are words
packages() {
  verb=$1 number=$2 tool=$3 names=$4
  case $verb in
  state)
    for name in $names; do
      version=$(package_version "$tool" "$name")
      printf '%s=%s ' "$name" "${version:-absent}"
    done
    echo
    ;;
  save) all_packages "$tool" >"$RUN/before/$number.all" && packages state "$number" "$tool" "$names" >"$RUN/before/$number.state" ;;
  do)
    wait_for_packages || return 1
    uptime_now
    keep_word latest $((up + LONGEST + 1800))
    set_deadline 1700
    : >"$RUN/busy"
    install_packages "$tool" $names
    code=$?
    all_packages "$tool" | grep -vxFf "$RUN/before/$number.all" >"$RUN/done/$number.new"
    rm -f "$RUN/busy"
    set_deadline "$STEP"
    return "$code"
    ;;
  check) case $(packages state "$number" "$tool" "$names") in *=absent\ *) return 1 ;; esac ;;
  back)
    if [ -e "$from/done/$number.new" ]; then new=$(cat "$from/done/$number.new"); else new=$(all_packages "$tool" | grep -vxFf "$from/before/$number.all"); fi
    # installed since, of that which is still there
    new=$(for name in $new; do ! all_packages "$tool" | grep -qxF "$name" || echo "$name"; done | tr '\n' ' ')
    [ -n "${new% }" ] || return 0
    case ${REASON:-} in timer | boot | started | journal | timer-lost) why="stays installed: $new" && return 9 ;; esac
    wait_for_packages || return 1
    : >"$RUN/busy"
    remove_packages "$tool" $new
    rm -f "$RUN/busy"
    still=$(for name in $new; do ! all_packages "$tool" | grep -qxF "$name" || echo "$name"; done | tr '\n' ' ')
    [ -z "$still" ] || { why="something else needs by now: $still" && return 9; }
    ;;
  settle) : ;;
  esac
}

# Security updates that wait: TOOL. They cannot be taken back.
security_names() {
  apt-get -s -o Debug::NoLocking=1 upgrade 2>/dev/null | sed -n 's/^Inst \([^ ]*\) \[.*-[Ss]ecurity.*/\1/p'
}

# shellcheck disable=SC2086,SC2046
security_updates() {
  case $1 in
  state)
    case $3 in
    apt) echo "waiting $(security_names | wc -l)" ;;
    dnf | yum) echo "waiting $("$3" -q updateinfo list --security 2>/dev/null | grep -c .)" ;;
    zypper) echo "waiting $(zypper --non-interactive -q list-patches --category security 2>/dev/null | grep -c '| needed')" ;;
    *) echo 'waiting unknown' ;;
    esac
    ;;
  save) security_updates state "$2" "$3" >"$RUN/before/$2.state" ;;
  do)
    wait_for_packages || return 1
    uptime_now
    keep_word latest $((up + LONGEST + 3600))
    set_deadline 3500
    : >"$RUN/busy"
    case $3 in
    apt) apt_get 3300 install --only-upgrade $(security_names) ;;
    dnf | yum) bounded 3300 "$3" -y upgrade --security ;;
    zypper) bounded 3300 zypper --non-interactive patch --category security ;;
    *) why='no package tool is known here' && false ;;
    esac
    code=$?
    rm -f "$RUN/busy"
    set_deadline "$STEP"
    return "$code"
    ;;
  check) [ "$(security_updates state "$2" "$3")" = 'waiting 0' ] ;;
  back) why='updates cannot be taken back' && return 9 ;;
  settle) : ;;
  esac
}

# A package source of a program's makers as apt has read it: FILE, how the names of its lists begin, PACKAGE and the
# VERSION that it must offer. apt itself refuses lists that the key beside the file has not signed. The lists go with it.
package_source() {
  case $1 in
  state)
    set -- "/var/lib/apt/lists/$4"*
    if [ -e "$1" ]; then echo read; else echo absent; fi
    ;;
  save) package_source state "$2" "$3" "$4" >"$RUN/before/$2.state" ;;
  do)
    wait_for_packages || return 1
    # this source alone: what the others offer by now is nobody's question
    bounded 180 apt-get -q update -o Dir::Etc::sourcelist="$3" -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=0 -o Acquire::Retries=1 || {
      why=$(grep '^[EW]:' "$RUN/.said" | head -n 2 | tr '\n' ' ')
      return 1
    }
    ;;
  check)
    [ "$(package_source state "$2" "$3" "$4")" = read ] || return 1
    offer=$(apt-cache policy "$5" 2>/dev/null | sed -n 's/^  Candidate: //p')
    why="it offers $5 ${offer:-not at all}, and $6 is needed"
    case $offer in '' | '(none)') return 1 ;; esac
    dpkg --compare-versions "$offer" ge "$6"
    ;;
  back) [ "$(cat "$from/before/$2.state")" != absent ] || rm -f "/var/lib/apt/lists/$4"* "/var/lib/apt/lists/partial/$4"* ;;
  settle) : ;;
  esac
}
