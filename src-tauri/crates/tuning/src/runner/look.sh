# Shows one path: what stands there, and the text of a small file (ours, or a neighbour that decides how ours is read).
look() {
  printf '%s F %s\n%s P %s\n' "$NONCE" "$1" "$NONCE" "$(picture "$1")"
  [ -f "$1" ] || return 0
  [ "$(wc -c <"$1")" -le 65536 ] || return 0
  # a last line without its end must not run into what comes next
  sed "s/^/$NONCE B /" "$1" && echo
}

# Values that decide how far a change may go, beside those that the check has read.
look_values() {
  printf '%s V package_tool %s\n' "$NONCE" "$(package_tool)"
  [ ! -d /run/systemd/system ] || printf '%s V init systemd\n' "$NONCE"
  look_open_runs
  read -r open 2>/dev/null </proc/sys/fs/nr_open && printf '%s V nr_open %s\n' "$NONCE" "$open"
  return 0
}

# Runs that have not been answered, where they can be seen from here.
look_open_runs() {
  if [ -e /var/lib/plumbline ] && ! [ -x /var/lib/plumbline/runs ]; then return; fi
  open=
  for word in /var/lib/plumbline/runs/*/armed /var/lib/plumbline/runs/*/reverting; do
    if [ -e "$word" ]; then word=${word%/*} && open="$open${word##*/} "; fi
  done
  printf '%s V open_runs %s\n' "$NONCE" "$open"
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
  apt) case $dpkg_has in *" $2=installed "*) ;; *) return 1 ;; esac ;;
  apk) apk info -e "$2" >/dev/null 2>&1 ;;
  *) rpm -q "$2" >/dev/null 2>&1 ;;
  esac
}

offered() { # TOOL NAME
  case $1 in
  apt) case $apt_offers in *" $2="*) ;; *) return 1 ;; esac ;;
  dnf | yum) "$1" -q -C list available "$2" >/dev/null 2>&1 || "$1" -q list available "$2" >/dev/null 2>&1 ;;
  zypper) zypper --non-interactive -q info "$2" 2>/dev/null | grep -q '^Version' ;;
  apk) apk search -e "$2" 2>/dev/null | grep -q . ;;
  *) return 1 ;;
  esac
}

# What dpkg has and what apt offers of all the names that will be asked about: each reads all its lists at every question,
# so that it is asked once, and apt only where its answer matters.
look_offers() { # NAMES that may get newer, NAMES that count only while they are missing
  [ -n "$1$2" ] && [ "$(package_tool)" = apt ] || return 0
  # shellcheck disable=SC2086
  dpkg_has=$(dpkg-query -W -f=' ${Package}=${db:Status-Status} ' $1 $2 2>/dev/null)
  wanted=$1
  for name in $2; do
    installed apt "$name" || wanted="$wanted $name"
  done
  [ -n "$wanted" ] || return 0
  # shellcheck disable=SC2086
  apt_offers=$(apt-cache policy $wanted 2>/dev/null | awk '/^[^ ].*:$/ { sub(/:$/, ""); name = $0 } /^  Candidate: [^(]/ { printf " %s=%s ", name, $2 }')
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
  [ -n "${lost+known}" ] || lost=$(lost_host "$missing")
  printf '%s V packages.%s.lost %s\n' "$NONCE" "$label" "$lost"
}

# A host that packages come from and that this server cannot even find. Behind a proxy the proxy would find it.
lost_host() { # NAMES
  [ -z "${http_proxy:-}${https_proxy:-}$(apt-config dump --format '%v' Acquire::http::Proxy 2>/dev/null)" ] && have getent || return 0
  # shellcheck disable=SC2086
  for host in $(apt-get -qq -o Debug::NoLocking=1 --print-uris --no-install-recommends install $1 2>/dev/null | sed -n "s|^'https*://\([^/:']*\).*|\1|p" | sort -u | head -n 3); do
    getent ahosts "$host" >/dev/null 2>&1 || { echo "$host"; return; }
  done
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

# Which firewall is in charge, which ports people come in by, and who listens.
look_firewall() {
  manager=none
  if have ufw && ufw status 2>/dev/null | grep -q '^Status: active'; then manager=ufw
  elif have firewall-cmd && firewall-cmd -q --state 2>/dev/null; then manager=firewalld
  elif have nft && nft list ruleset 2>/dev/null | filters_input; then manager=nft
  elif have iptables && { iptables -S INPUT; ip6tables -S INPUT; } 2>/dev/null | grep -q -e '^-A ' -e '^-P INPUT [^A]'; then manager=iptables
  fi
  # docker's and other tools' tables come and go through iptables: rules there are added through it as well
  if [ "$manager" = nft ] && have iptables && iptables -S INPUT 2>/dev/null | grep -q -e '^-A ' -e '^-P INPUT [^A]'; then manager=iptables; fi
  printf '%s V fw.manager %s\n' "$NONCE" "$manager"
  for tool in ufw nft firewall-cmd; do ! have "$tool" || printf '%s V fw.has.%s yes\n' "$NONCE" "$tool"; done
  [ "$manager" != ufw ] || printf '%s V fw.ufw %s\n' "$NONCE" "$(ufw show added 2>/dev/null | sed -n 's/^ufw allow \([0-9:]*\/[a-z]*\).*/\1/p' | tr '\n' ' ')"
  [ "$manager" != ufw ] || printf '%s V fw.default %s\n' "$NONCE" "$(ufw status verbose 2>/dev/null | sed -n 's/^Default: \([a-z]*\) (incoming).*/\1/p')"
  if [ "$manager" = firewalld ]; then
    device=$(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
    zone=$(firewall-cmd --get-zone-of-interface="$device" 2>/dev/null) || zone=$(firewall-cmd --get-default-zone 2>/dev/null)
    printf '%s V fw.zone %s\n' "$NONCE" "$zone"
    printf '%s V fw.firewalld %s\n' "$NONCE" "$(firewall-cmd --permanent --zone="$zone" --list-ports 2>/dev/null)"
    printf '%s V fw.default %s\n' "$NONCE" "$(firewall-cmd --permanent --zone="$zone" --get-target 2>/dev/null)"
  fi
  printf '%s V fw.ssh %s\n' "$NONCE" "$(ssh_ports | tr '\n' ' ')"
  have ss && ss -Hltnup 2>/dev/null | awk -v nonce="$NONCE" '
    { n = split($5, a, ":"); port = a[n]; address = substr($5, 1, length($5) - length(port) - 1)
      if (address ~ /^127\./ || address == "[::1]" || address ~ /%lo$/) next
      name = "somebody"; if (match($0, /\(\("[^"]*"/)) name = substr($0, RSTART + 3, RLENGTH - 4)
      print nonce " V fw.listens." port "/" $1 " " name }'
  for tool in docker podman; do
    have "$tool" && "$tool" ps --format '{{.Ports}}' 2>/dev/null | grep -q -- '->' && printf '%s V fw.containers %s\n' "$NONCE" "$tool"
  done
  return 0
}

# Whether a ruleset of somebody else judges incoming packets at all.
filters_input() {
  awk '
    $1 == "table" { ours = $3 == "plumbline" }
    $1 == "chain" { input = 0 }
    !ours && /hook input/ { input = 1; if ($0 ~ /policy drop/) found = 1; next }
    input && NF && $1 != "}" { found = 1 }
    END { exit !found }'
}

look_module() {
  folder=/sys/module/$(printf '%s' "$1" | tr - _)
  if [ -d "$folder" ]; then state=loaded
  elif modinfo "$1" 2>/dev/null | grep -q '^filename:.*builtin'; then state=loaded
  elif modprobe -n "$1" >/dev/null 2>&1; then state=available
  else state=absent
  fi
  printf '%s V module.%s %s\n' "$NONCE" "$1" "$state"
}

look_accounts() { # NAMES
  for name in "$@"; do
    ! grep -q "^$name:" /etc/passwd || printf '%s V user.%s yes\n' "$NONCE" "$name"
    ! grep -q "^$name:" /etc/group || printf '%s V group.%s yes\n' "$NONCE" "$name"
  done
}

# Mode and owner by name of a path that is no link.
look_mode() {
  [ -e "$1" ] && [ ! -L "$1" ] && printf '%s V mode.%s %s\n' "$NONCE" "$1" "$(stat -c '%a %U %G' "$1")"
  return 0
}

look_swap() {
  printf '%s V swap.root %s\n' "$NONCE" "$(stat -f -c %T / 2>/dev/null)"
  printf '%s V swap.devices %s\n' "$NONCE" "$(awk 'NR > 1 { printf "%s ", $1 }' /proc/swaps)"
  printf '%s V swap.used_kib %s\n' "$NONCE" "$(awk 'NR > 1 { used += $4 } END { print used + 0 }' /proc/swaps)"
  printf '%s V swap.free_kib %s\n' "$NONCE" "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)"
  printf '%s V swap.free_mib %s\n' "$NONCE" "$(df -Pm / | awk 'END { print $4 }')"
  for name in kubelet k3s; do ! have "$name" || printf '%s V swap.kubernetes %s\n' "$NONCE" "$name"; done
}

# How sshd is set for the person who is here, and whether it reads drop-ins.
look_sshd() {
  person=${SUDO_USER:-${DOAS_USER:-${USER:-$(id -un)}}}
  # shellcheck disable=SC2086
  set -- ${SSH_CONNECTION:-}
  address=${1:-}
  if [ -z "$address" ] && have ss; then
    address=$(ss -Htnp state established 2>/dev/null | awk '/"(sshd|sshd-session)"/ { sub(/:[0-9]*$/, "", $4); gsub(/[][]/, "", $4); sub(/^::ffff:/, "", $4); print $4; exit }')
  fi
  printf '%s V sshd.person %s\n%s V sshd.address %s\n' "$NONCE" "$person" "$NONCE" "${address:-127.0.0.1}"
  ! grep -qiE '^[[:space:]]*Include[[:space:]]+"?(/etc/ssh/)?sshd_config\.d/\*\.conf' /etc/ssh/sshd_config 2>/dev/null || printf '%s V sshd.include yes\n' "$NONCE"
  first=$(for file in /etc/ssh/sshd_config.d/*.conf; do [ -e "$file" ] && echo "${file##*/}"; done | head -n 1)
  printf '%s V sshd.first %s\n' "$NONCE" "$first"
  sshd=$(command -v sshd || echo /usr/sbin/sshd)
  "$sshd" -T -C "user=$person,host=${address:-127.0.0.1},addr=${address:-127.0.0.1}" 2>/dev/null | sed "s/^\([a-z0-9]*\) /$NONCE V sshd.now.\1 /"
  home=$(sed -n "s/^$person:[^:]*:[^:]*:[^:]*:[^:]*:\([^:]*\):.*/\1/p" /etc/passwd)
  keys=0
  for file in "$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2"; do
    [ ! -f "$file" ] || keys=$((keys + $(grep -v '^#' "$file" | grep -cE '(ssh|ecdsa|sk)-[a-z0-9@.-]+ AAAA')))
  done
  printf '%s V sshd.keys %s\n' "$NONCE" "$keys"
}

# Ports of ssh: PORT is the one that is wanted. What sshd answers on, what stands in files of others, who starts it, which
# port this line comes in by, and whether SELinux lets sshd use the one that is wanted.
look_ssh_port() { # PORT
  have ss || return 0
  sshd=$(command -v sshd || echo /usr/sbin/sshd)
  socket=
  for name in ssh.socket sshd.socket; do
    ! systemctl is-active -q "$name" 2>/dev/null || socket=$name
  done
  ports=$("$sshd" -T 2>/dev/null | awk '$1 == "port" { print $2 }' | sort -nu | tr '\n' ' ')
  if [ -n "$socket" ]; then
    ports=$(systemctl show -p Listen "$socket" 2>/dev/null | sed -n 's/^Listen=.*:\([0-9]*\) (Stream)$/\1/p' | sort -nu | tr '\n' ' ')
    makes=
    for folder in /usr/lib /lib /usr/local/lib /etc; do
      [ ! -x "$folder/systemd/system-generators/sshd-socket-generator" ] || makes=yes
    done
    printf '%s V sshport.socket %s\n%s V sshport.generated %s\n' "$NONCE" "$socket" "$NONCE" "$makes"
  fi
  printf '%s V sshport.ports %s\n' "$NONCE" "$ports"
  # a port that nobody would write shows, beside it, those that somebody has written; without any, it stands alone
  written=$("$sshd" -T -o Port=65535 2>/dev/null)
  printf '%s\n' "$written" | awk -v nonce="$NONCE" '
    $1 == "port" && $2 != 65535 { print nonce, "V", "sshport.written." $2, "yes" }
    $1 == "listenaddress" { if ($2 ~ /^(0\.0\.0\.0|\[::\]):65535$/) all = 1; else if ($2 !~ /^(0\.0\.0\.0|\[::\]):/) own = 1 }
    END { if (all && !own) print nonce, "V", "sshport.everywhere", "yes" }'
  printf '%s V sshport.here %s\n' "$NONCE" "$(ssh_port_here)"
  printf '%s V sshport.taken %s\n' "$NONCE" "$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -n 1)"
  case $(have getenforce && getenforce 2>/dev/null) in
  Enforcing | Permissive)
    printf '%s V sshport.selinux yes\n' "$NONCE"
    ! have semanage || printf '%s V sshport.label %s\n' "$NONCE" "$(ssh_port_label_now "$1")"
    ;;
  esac
}

# The port that this very line came in by: of sudo's doing SSH_CONNECTION is gone, so it is asked of the programs above us.
ssh_port_here() {
  # shellcheck disable=SC2086
  set -- ${SSH_CONNECTION:-}
  [ -z "${4:-}" ] || { echo "$4" && return; }
  above=' ' pid=$$
  while [ "${pid:-0}" -gt 1 ]; do
    above="$above$pid "
    read -r line 2>/dev/null <"/proc/$pid/stat" || break
    # shellcheck disable=SC2086
    set -- ${line##*) }
    pid=$2
  done
  ss -Htnp state established 2>/dev/null | awk -v above="$above" '{ n = split($0, part, "pid="); for (i = 2; i <= n; i++) { split(part[i], word, ","); if (index(above, " " word[1] " ")) { k = split($3, a, ":"); print a[k]; exit } } }'
}

# The one PostgreSQL that runs here: its port, unit, folder for drop-ins, and how these settings stand.
look_postgres() {
  have psql || return 0
  if have pg_lsclusters; then
    clusters=$(pg_lsclusters -h 2>/dev/null | awk '$4 ~ /^online/ { print $1, $2, $3 }')
    printf '%s V pg.clusters %s\n' "$NONCE" "$(printf '%s\n' "$clusters" | grep -c .)"
    # shellcheck disable=SC2086
    set -- "$*" $clusters
    names=$1 port=${4:-5432} unit=postgresql@${2:-}-${3:-}.service
  else
    names=$* port=5432 unit=
    for name in postgresql.service postgresql-18.service postgresql-17.service postgresql-16.service postgresql-15.service; do
      ! systemctl is-active -q "$name" 2>/dev/null || unit=$name
    done
    printf '%s V pg.clusters %s\n' "$NONCE" "$([ -n "$unit" ] && echo 1 || echo 0)"
  fi
  ask() { if have runuser; then runuser -u postgres -- psql -p "$port" -XAtqc "$1" </dev/null 2>/dev/null; else su postgres -s /bin/sh -c 'psql -p "$0" -XAtqc "$1"' "$port" "$1" </dev/null 2>/dev/null; fi; }
  config=$(ask 'show config_file') || return 0
  [ -n "$config" ] || return 0
  printf '%s V pg.port %s\n%s V pg.unit %s\n' "$NONCE" "$port" "$NONCE" "$unit"
  ! grep -qE "^[[:space:]]*include_dir[[:space:]]*=?[[:space:]]*'conf\.d'" "$config" || { printf '%s V pg.drop_ins %s\n' "$NONCE" "${config%/*}/conf.d" && look "${config%/*}/conf.d/zz-plumbline.conf"; }
  [ ! -e /etc/patroni ] && [ ! -e /etc/patroni.yml ] || printf '%s V pg.patroni yes\n' "$NONCE"
  for name in $names max_connections shared_buffers; do
    ask "select '$NONCE V pg.now.' || name || ' ' || case when unit in ('8kB','kB','MB','B') then pg_size_bytes(current_setting(name))::text when unit in ('ms','s','min') then setting else current_setting(name) end || ' ' || context from pg_settings where name = '$name'"
  done
  awk -v nonce="$NONCE" '/^MemTotal/ { print nonce " V memory_kib " $2 }' /proc/meminfo
}

# Which version the distribution offers of the first of these names.
look_software() { # LABEL and names as for look_packages
  look_packages "$@"
  name=${names%% *}
  [ -n "$name" ] || return 0
  case $tool in
  apt)
    case $apt_offers in *" $name="*) offer=${apt_offers#*" $name="} offer=${offer%% *} ;; *) offer= ;; esac
    ;;
  dnf | yum) offer=$("$tool" -q list available "$name" 2>/dev/null | awk 'NF >= 2 && $1 ~ /\./ { print $2; exit }') ;;
  zypper) offer=$(zypper --non-interactive -q info "$name" 2>/dev/null | sed -n 's/^Version *: //p') ;;
  apk) offer=$(apk policy "$name" 2>/dev/null | sed -n '2s/^ *\(.*\):$/\1/p') ;;
  *) offer= ;;
  esac
  printf '%s V software.%s %s\n' "$NONCE" "$1" "$offer"
}

# The name of the release, by which makers of programs sort their packages.
look_codename() { printf '%s V codename %s\n' "$NONCE" "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null | tr -d '"')"; }

# Where a Prometheus that runs here looks for rules.
look_prometheus() {
  [ -f /etc/prometheus/prometheus.yml ] || return 0
  look /etc/prometheus/prometheus.yml
  ! have promtool || printf '%s V prometheus.tool yes\n' "$NONCE"
}
