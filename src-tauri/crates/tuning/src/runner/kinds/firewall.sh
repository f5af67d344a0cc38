# Every ssh port of now must be among the ports $1 that stay open, or nothing is closed.
ssh_stays_open() {
  for port in $(ssh_ports); do
    case " $1 " in *" $port/tcp "*) ;; *) why="people come in by ssh on port $port, which the preview did not see" && return 1 ;; esac
  done
}

# Rules of ufw: PORTS, and "close" where everything else is to be closed.
ufw_files='/etc/ufw/user.rules /etc/ufw/user6.rules /etc/ufw/ufw.conf /etc/default/ufw'

# What ufw itself goes by when it is asked for its status, without the time that it takes to be asked.
ufw_is_on() { iptables -nL ufw-user-input >/dev/null 2>&1; }

ufw_port() { echo "$1" | sed 's/-/:/'; }

# Switched off, ufw leaves its chains behind, empty. Where there were none before, they go too, and with them the table
# that came into being for them, if nothing else has moved in.
sweep_ufw() {
  for tables in iptables ip6tables; do
    have "$tables" || continue
    "$tables" -S 2>/dev/null | sed -n 's/^-A \(.*-j ufw6*-.*\)$/\1/p' | while IFS= read -r rule; do
      # shellcheck disable=SC2086 # a rule is words
      "$tables" -D $rule
    done
    chains=$("$tables" -S 2>/dev/null | sed -n 's/^-N \(ufw6*-.*\)$/\1/p')
    for chain in $chains; do "$tables" -F "$chain"; done
    for chain in $chains; do "$tables" -X "$chain"; done
    family=ip
    [ "$tables" = iptables ] || family=ip6
    if have nft && ! grep -qx "table $family filter" "$from/before/$number.tables" && ! "$tables" -S 2>/dev/null | grep -qv '^-P [A-Z]* ACCEPT$'; then
      ! nft list table "$family" filter >/dev/null 2>&1 || nft delete table "$family" filter
    fi
  done
  return 0
}

ufw() {
  verb=$1 number=$2 ports=$3 close=$4
  case $verb in
  state)
    # how it is loaded and what its files say
    now=inactive
    ! ufw_is_on || now=active
    for path in $ufw_files; do now="$now $(picture "$path" | cut -d' ' -f2 | cut -c1-16)"; done
    echo "$now"
    ;;
  save)
    for path in $ufw_files; do
      image=$RUN/before/$number.bytes-${path##*/}
      [ ! -f "$path" ] || image "$path" "$image" || return 1
    done
    nft list tables >"$RUN/before/$number.tables" 2>/dev/null || : >"$RUN/before/$number.tables"
    { iptables -S && ip6tables -S; } 2>/dev/null | grep -c '^-N ufw6*-' >"$RUN/before/$number.chains"
    ufw state "$number" "$ports" "$close" >"$RUN/before/$number.state"
    ;;
  do)
    [ "$close" != close ] || ssh_stays_open "$ports" || return 1
    # what keeps the line open comes first, and enabling last
    for port in $ports; do bounded 60 env ufw allow "$(ufw_port "$port")" comment Plumbline || return 1; done
    [ "$close" = close ] || return 0
    bounded 60 env ufw default deny incoming && bounded 60 env ufw --force enable
    ;;
  check)
    added=$(command ufw show added 2>/dev/null)
    for port in $ports; do
      printf '%s\n' "$added" | grep -qE "^ufw allow $(ufw_port "$port")( comment.*)?\$" || { why="$port is not among the rules of ufw"; return 1; }
    done
    [ "$close" = close ] || return 0
    shown=$(command ufw status verbose 2>/dev/null)
    case $shown in *'Status: active'*'deny (incoming)'*) ;; *) why='ufw is not on, or lets everything in' && return 1 ;; esac
    ;;
  back)
    read -r was <"$from/before/$number.state" || return 1
    [ "$(ufw state "$number" "$ports" "$close")" != "$was" ] || return 0
    # so early in a boot nothing of it is loaded, but where a kernel outlives its system (containers)
    case $was in
    inactive*)
      if [ "${REASON:-}" != boot ] || ufw_is_on; then
        bounded 60 env ufw --force disable
        [ "$(cat "$from/before/$number.chains")" != 0 ] || sweep_ufw
      fi
      ;;
    esac
    for path in $ufw_files; do
      image=$from/before/$number.bytes-${path##*/}
      [ -f "$image" ] || continue
      [ "$(picture "$image")" = "$(picture "$path")" ] && continue
      new=$(beside "$path" "$number")
      image "$image" "$new" && durable "$new" && mv -f "$new" "$path" || return 1
      durable "${path%/*}"
    done
    if [ "${REASON:-}" != boot ]; then
      case $was in active*) bounded 60 env ufw reload ;; esac
    fi
    return 0
    ;;
  settle) : ;;
  esac
}

# A port of firewalld: ZONE PORT. The running rules first; the same for every boot only once it is kept.
firewalld_port() {
  case $1 in
  state)
    runtime=no permanent=no
    firewall-cmd -q --zone="$3" --query-port="$4" 2>/dev/null && runtime=yes
    firewall-cmd -q --permanent --zone="$3" --query-port="$4" 2>/dev/null && permanent=yes
    echo "runtime $runtime permanent $permanent"
    ;;
  save)
    firewalld_port state "$2" "$3" "$4" >"$RUN/before/$2.state"
    zone=/etc/firewalld/zones/$3.xml
    picture "$zone" >"$RUN/before/$2.zone"
    [ ! -f "$zone" ] || image "$zone" "$RUN/before/$2.bytes"
    ;;
  do) bounded 60 firewall-cmd -q --zone="$3" --add-port="$4" ;;
  kept) bounded 60 firewall-cmd -q --permanent --zone="$3" --add-port="$4" ;;
  check) firewall-cmd -q --zone="$3" --query-port="$4" ;;
  back)
    read -r _ runtime _ permanent <"$from/before/$2.state" || return 1
    zone=/etc/firewalld/zones/$3.xml
    if [ "$permanent" = no ] && firewall-cmd -q --permanent --zone="$3" --query-port="$4" 2>/dev/null; then
      bounded 60 firewall-cmd -q --permanent --zone="$3" --remove-port="$4" || return 1
      # firewalld leaves a file of the zone where there was none, and its own copy of the old one
      case $(cat "$from/before/$2.zone") in absent) rm -f "$zone" "$zone.old" ;; esac
    fi
    [ "$runtime" != no ] || ! firewall-cmd -q --zone="$3" --query-port="$4" 2>/dev/null || bounded 60 firewall-cmd -q --zone="$3" --remove-port="$4"
    ;;
  settle) : ;;
  esac
}

# A table of nftables that is ours alone: NAME PATH. PATH replaces it in one step; nobody else's rules are touched.
nft_table() {
  case $1 in
  state)
    if table=$(nft -s list table inet "$3" 2>/dev/null); then
      table=$(printf '%s\n' "$table" | sha256sum)
      echo "table ${table%% *}"
    else
      echo absent
    fi
    ;;
  save)
    nft_table state "$2" "$3" "$4" >"$RUN/before/$2.state"
    nft list table inet "$3" >"$RUN/before/$2.nft" 2>/dev/null || : >"$RUN/before/$2.nft"
    ;;
  do)
    ssh_stays_open "$5" && bounded 30 nft -c -f "$4" && bounded 30 nft -f "$4" && : >"$RUN/.loaded-$2"
    ;;
  check)
    # loaded by this run, or the same as what the file would load
    case $(nft_table state "$2" "$3" "$4") in absent) why="the table is not loaded" && return 1 ;; esac
    [ -e "$RUN/.loaded-$2" ] || [ "$news" = 0 ]
    ;;
  back)
    if [ -s "$from/before/$2.nft" ]; then
      { echo "table inet $3"; echo "delete table inet $3"; cat "$from/before/$2.nft"; } >"$RUN/.$2.nft"
      bounded 30 nft -f "$RUN/.$2.nft"
    else
      ! nft list table inet "$3" >/dev/null 2>&1 || bounded 30 nft delete table inet "$3"
    fi
    ;;
  settle) : ;;
  esac
}

# Our own script that lets ports into rules which somebody else keeps: PATH. It adds, removes and shows; nothing else.
port_script() {
  case $1 in
  state) if [ -f "$3" ]; then /bin/sh "$3" state 2>/dev/null; else echo closed; fi ;;
  save) port_script state "$2" "$3" >"$RUN/before/$2.state" ;;
  do) bounded 60 /bin/sh "$3" add ;;
  check) [ "$(port_script state "$2" "$3")" = open ] || { why='the rules do not show the ports' && return 1; } ;;
  back) [ ! -f "$3" ] || [ "${REASON:-}" = boot ] || bounded 60 /bin/sh "$3" remove ;;
  # an earlier script of ours that is back where it was
  settle) [ ! -f "$3" ] || [ "${REASON:-}" = boot ] || bounded 60 /bin/sh "$3" add ;;
  esac
}
