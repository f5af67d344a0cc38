#!/bin/sh
# Plumbline's probe: what a server says about itself. It only reads: no file is written, no setting changed, nothing
# goes out on the network. It is made for dash, bash and busybox; run it with `sh -s`, as root for the full picture.
#
# Each answer is printed as a section, `@plumb NONCE name exit length` and then exactly that many bytes, so that
# nothing a command, a banner or a file prints can pass for one. What takes time runs in the background under its own
# time limit, one section writes at a time, and whoever hangs is reported as cut off and not waited for.
#
# The lines that plumbline puts before these set N (the nonce) and the A_ words (what is asked). PLUMB_ROOT names a
# folder of recorded files to read instead of this server's own; commands then answer from its folder .plumb.

# shellcheck disable=SC2317 # functions are called by name

R=${PLUMB_ROOT-}
N=${N:-by-hand}
LC_ALL=C LANGUAGE='' TZ=UTC0
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin${PATH:+:$PATH}
export LC_ALL LANGUAGE TZ PATH
unset CDPATH GREP_OPTIONS BASH_ENV ENV 2>/dev/null
umask 077
nl='
'

# ---- saying ---------------------------------------------------------------------------------------------------------

# put NAME EXIT: prints $o as a section. 128 KiB are the most a section may have; a longer one is marked with a plus.
put() {
  code=$2
  # Of a recorded server, what was written down stands for what this machine would say.
  if [ -n "$R" ] && [ -f "$R/.plumb/$1" ]; then
    slurp "$R/.plumb/$1"
    code=0
    # It may begin with the exit code that the command had.
    case $o in '#exit '*) code=${o%%"$nl"*} code=${code#\#exit } o=${o#*"$nl"} ;; esac
  fi
  n=${#o}
  [ "$n" -le 131072 ] || { n=131072 && set -- "$1" "$2" +; }
  # The lock is one byte in a pipe: whoever reads it may write. It keeps sections whole without a file.
  [ -z "$lock" ] || read -r t <&9
  printf '\n@plumb %s %s %s %s%s\n%.131072s\n' "$N" "$1" "$code" "$n" "${3-}" "$o"
  [ -z "$lock" ] || echo >&9
}

# look NAME COMMAND…: a section of what a reading tool prints about files. (bash would start two processes for one
# without the exec.)
look() {
  name=$1 && shift
  o=$(exec "$@" 2>&1)
  put "$name" $?
}

# call NAME FUNCTION…: a section of what a function of this script prints.
call() {
  if [ -n "$R" ]; then
    run "$1" "$2"
  else
    name=$1 && shift
    o=$("$@" 2>&1)
    put "$name" $?
  fi
}

# run NAME COMMAND…: a section of what a command of the server prints, and after it what it complained of: in one pipe a
# complaint would stand in the middle of a line. A recorded server has no commands.
run() {
  if [ -z "$R" ] && command -v "$2" >/dev/null 2>&1; then
    name=$1 && shift
    o=$({
      complaint=$(exec "$@" 2>&1 >&3 3>&-)
      code=$?
      [ -z "$complaint" ] || printf '%s\n' "$complaint"
      exit "$code"
    } 3>&1)
    put "$name" $?
  else
    none "$1" "$2"
  fi
}

# none NAME TOOL: the server lacks the tool. 127 is what a shell answers then.
none() {
  o="no $2"
  put "$1" 127
}

# admin NAME…: succeeds for an administrator; for anyone else the sections say that they need one (exit code 77).
admin() {
  [ "$uid" != 0 ] || return 0
  recorded=$R R=
  for section; do
    o='needs an administrator'
    put "$section" 77
  done
  R=$recorded
  return 1
}

# Whether the server has a program; where finds it, and leaves its path in $at.
have() {
  if [ -n "$R" ]; then where "$1"; else command -v "$1" >/dev/null 2>&1; fi
}

where() {
  for at in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin /snap/bin; do
    at=$at/$1
    [ ! -x "$R$at" ] || return 0
  done
  at=
  return 1
}

# slurp FILE: sets $o to its text, by builtins alone. Not for numbers under /proc/sys: dash and busybox read byte by
# byte, and the kernel gives such a file only to a first read that is long enough.
slurp() {
  o=
  [ -r "$1" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    o=$o$line$nl
  done <"$1"
}

# ---- background -----------------------------------------------------------------------------------------------------

jobs=

# job SECONDS run|call NAME COMMAND…: one section in the background. limit SECONDS GROUP FUNCTION: several.
job() {
  seconds=$1 && shift
  ("$@") &
  jobs="$jobs $!:$seconds:$2"
}

limit() {
  ("$3") &
  jobs="$jobs $!:$1:$2"
}

# Whether the process is a child of ours that still runs; its number may have passed to a stranger meanwhile.
runs() {
  read -r t 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # words are wanted
  set -- ${t##*) }
  [ "$1" != Z ] && [ "$2" = "$self" ]
}

end_tree() {
  kids=
  read -r kids 2>/dev/null <"/proc/$1/task/$1/children"
  kill -KILL "$1" 2>/dev/null
  for kid in $kids; do end_tree "$kid"; done
}

# Ends what outlives its limit, $pace times over on a server that is slow at everything. While there is somebody to wait
# for, an empty section says that we do. A process that hangs in the kernel cannot be ended by anyone: when only such are
# left, the main shell is told to wait no longer.
watch() {
  nap='' cut=' ' passed=0 longest=24
  trap 'kill "$nap" 2>/dev/null; exit 0' TERM
  while [ "$passed" -lt "$longest" ]; do
    sleep 3 >/dev/null &
    nap=$!
    wait "$nap"
    passed=$((passed + 3)) left=
    # Whoever is ended while holding the lock would take it along: so it is ours first.
    read -r t <&9
    for entry in $jobs; do
      pid=${entry%%:*} rest=${entry#*:}
      case $cut in *" $pid "*) continue ;; esac
      runs "$pid" || continue
      if [ $((${rest%%:*} * pace)) -gt "$passed" ] && [ "$passed" -lt "$longest" ]; then
        left=yes
        continue
      fi
      end_tree "$pid"
      cut="$cut$pid "
      o="${rest#*:} $passed"
      printf '\n@plumb %s cut 0 %s\n%s\n' "$N" "${#o}" "$o"
    done
    [ -z "$left" ] || printf '\n@plumb %s alive 0 0\n\n' "$N"
    echo >&9
    [ -n "$left" ] || [ "$cut" = ' ' ] || break
  done
  for _ in 1 2 3 4 5; do
    sleep 1 >/dev/null &
    nap=$!
    wait "$nap"
    kill -USR1 "$self" 2>/dev/null || exit 0
  done
}

# Hundredths of a second since the server started.
hundredths() {
  read -r t _ <"/proc/uptime"
  age=$((${t%.*} * 100 + 1${t#*.} - 100))
}

# ---- what is read at once -------------------------------------------------------------------------------------------

# A number of the kernel that a builtin may read, because the shell needs it itself.
effective_user() {
  uid=
  while read -r word _ effective _; do
    case $word in Uid:) uid=$effective ;; esac
  done <"$R/proc/self/status"
}

asked() {
  o="format 1${nl}root $R${nl}keys $A_KEYS$nl"
  put asked 0
}

# Small files of the kernel and the system, each line under its file's name.
system() {
  s=/sys/devices/system
  # shellcheck disable=SC2086 # the globs are wanted
  look system grep -Hs '' "$R/etc/os-release" "$R/usr/lib/os-release" "$R/proc/meminfo" "$R/proc/swaps" \
    "$R/proc/mdstat" "$R/proc/uptime" "$R/proc/1/comm" "$R/proc/self/cgroup" "$R/proc/self/limits" \
    "$R/proc/sys/crypto/fips_enabled" "$R/proc/sys/kernel/random/boot_id" "$R/proc/user_beancounters" \
    "$R/sys/kernel/kexec_crash_size" "$R$s/memory/block_size_bytes" "$R/sys/class/dmi/id/sys_vendor" \
    "$R/sys/class/dmi/id/product_name" "$R/sys/class/dmi/id/product_uuid" "$R/sys/hypervisor/type" \
    "$R/sys/hypervisor/uuid" "$R/sys/kernel/mm/transparent_hugepage/enabled" "$R/sys/fs/selinux/enforce" \
    "$R/sys/module/apparmor/parameters/enabled" "$R/sys/kernel/security/apparmor/profiles" \
    "$R/sys/fs/cgroup/cgroup.controllers" "$R/proc/cgroups" "$R/run/systemd/container" "$R/etc/hostname" \
    "$R/etc/resolv.conf" "$R/etc/debian_version" "$R/proc/device-tree/model" "$R/proc/sys/kernel/hostname" "$R/proc/loadavg"
  # shellcheck disable=SC2086
  look processor grep -Hs '' "$R$s/cpu/online" "$R$s/cpu/present" "$R"$s/cpu/cpu*/topology/thread_siblings_list \
    "$R"$s/cpu/cpu0/cpufreq/*_max_freq "$R$s/cpu/cpu0/cpufreq/base_frequency" \
    "$R$s/cpu/cpu0/cpufreq/scaling_governor"
  if [ -e "$R$s/memory/block_size_bytes" ]; then
    o=$(online_blocks)
    put memory 0
  fi
}

online_blocks() { cat "$R"/sys/devices/system/memory/memory[0-9]*/state | grep -cx online; }

# The first processor of /proc/cpuinfo; the others repeat it.
cpuinfo() {
  o=
  while IFS= read -r line; do
    [ -n "$line" ] || { [ -z "$o" ] || break; }
    o=$o$line$nl
  done <"$R/proc/cpuinfo"
  # ARM boards name themselves in the last lines.
  while IFS= read -r line; do
    case $line in Hardware* | Model*) o=$o$line$nl ;; esac
    case $line in flags*) break ;; esac
  done <"$R/proc/cpuinfo"
  put cpuinfo 0
}

# Where our own group stands, and every quota from there up to the root.
quotas() {
  o=
  while IFS=: read -r _ kinds at; do
    case $kinds in
      '') base=/sys/fs/cgroup files='cpu.max cpuset.cpus.effective memory.max' ;;
      *cpuset*) base=/sys/fs/cgroup/cpuset files=cpuset.effective_cpus ;;
      *memory*) base=/sys/fs/cgroup/memory files=memory.limit_in_bytes ;;
      cpu | cpu,* | *,cpu) base=/sys/fs/cgroup/cpu files='cpu.cfs_quota_us cpu.cfs_period_us' ;;
      *) continue ;;
    esac
    case $kinds in '') [ -e "$R/sys/fs/cgroup/cgroup.controllers" ] || base=/sys/fs/cgroup/unified ;; esac
    # Inside a container the path may be the host's name for us: then only the root of what we see counts.
    [ -d "$R$base$at" ] || at=/
    while :; do
      for f in $files; do
        v=
        read -r v 2>/dev/null <"$R$base${at%/}/$f" && o="$o$base${at%/}/$f $v$nl"
      done
      case $at in '' | /) break ;; esac
      at=${at%/*} at=${at:-/}
    done
  done <"$R/proc/self/cgroup"
  put quotas 0
}

# Block devices, how they stand on each other, and who encrypts.
blocks() {
  o=
  for d in "$R"/sys/class/block/*; do
    name=${d##*/}
    case $name in loop* | ram* | zram* | fd* | sr* | '*') continue ;; esac
    dev='' size=0 ro=0 removable=0 spin='' uuid='' parent='' slaves=''
    read -r dev 2>/dev/null <"$d/dev"
    read -r size 2>/dev/null <"$d/size"
    read -r ro 2>/dev/null <"$d/ro"
    read -r removable 2>/dev/null <"$d/removable"
    read -r spin 2>/dev/null <"$d/queue/rotational"
    read -r uuid 2>/dev/null <"$d/dm/uuid"
    if [ -e "$d/partition" ] && cd -P "$d/.." 2>/dev/null; then
      parent=$(pwd -P) parent=${parent##*/}
    fi
    for s in "$d"/slaves/*; do
      [ ! -e "$s" ] || slaves="$slaves,${s##*/}"
    done
    # The driver's folder tells a virtual disk from a real one.
    bus=
    cd -P "$d/device/driver" 2>/dev/null && bus=${PWD##*/}
    o="$o$name dev=$dev sectors=$size ro=$ro removable=$removable rotational=$spin parent=$parent"
    o="$o slaves=${slaves#,} bus=$bus uuid=${uuid%%-*}-${uuid#*-}$nl"
  done
  cd / || :
  put blocks 0
}

# Interfaces, and the folder of their driver.
interfaces() {
  o=
  for d in "$R"/sys/class/net/*; do
    name=${d##*/}
    [ -e "$d/mtu" ] || continue
    mtu='' state='' speed='' address='' kind='' bus=''
    read -r mtu 2>/dev/null <"$d/mtu"
    read -r state 2>/dev/null <"$d/operstate"
    read -r speed 2>/dev/null <"$d/speed"
    read -r address 2>/dev/null <"$d/address"
    while read -r word; do
      case $word in DEVTYPE=*) kind=${word#*=} ;; esac
    done 2>/dev/null <"$d/uevent"
    cd -P "$d/device/driver" 2>/dev/null && bus=${PWD##*/}
    o="$o$name mtu=$mtu state=$state speed=$speed mac=$address kind=$kind bus=$bus$nl"
  done
  cd / || :
  put interfaces 0
  look routes grep -Hs '' "$R/proc/net/route" "$R/proc/net/ipv6_route"
}

# Kernel parameters: running values, whether they may be written, and every file that sets one at boot.
parameters() {
  o='' set='' open=''
  for p in $A_SYSCTL; do [ ! -e "$R/proc/sys/$p" ] || set="$set $R/proc/sys/$p"; done
  # For root `[ -w ]` is true whatever the mode says, and the kernel refuses all the same: the mode decides as well.
  # shellcheck disable=SC2086
  [ -z "$set" ] || open=$(find $set -maxdepth 0 -perm -200 2>/dev/null)
  for p in $A_SYSCTL; do
    f=$R/proc/sys/$p
    case $nl$open$nl in *"$nl$f$nl"*) moded=yes ;; *) moded= ;; esac
    if [ ! -e "$f" ]; then o="$o$p absent$nl"
    elif [ "$moded" ] && [ -w "$f" ]; then o="$o$p writable$nl"
    else o="$o$p fixed$nl"; fi
  done
  put sysctl.writable 0
  # shellcheck disable=SC2086
  [ -z "$set" ] || look sysctl.now grep -Hs '' $set
}

# modules: loaded or built in is told by a folder.
modules() {
  o=
  for m in $A_MODULE; do
    u=$m
    while :; do case $u in *-*) u=${u%%-*}_${u#*-} ;; *) break ;; esac done
    if [ -d "$R/sys/module/$u" ]; then o="$o$m loaded$nl"; else o="$o$m no$nl"; fi
  done
  put module.loaded 0
}

commands() {
  o=
  for c in apt-get dnf yum zypper apk restic borg borgmatic pgbackrest barman wal-g rsnapshot duplicity kopia etckeeper \
    oscap lynis trivy $A_COMMAND; do
    where "$c"
    o="$o$c $at$nl"
  done
  put commands 0
}

# Things that are told by a file being there.
marks() {
  o=
  for f in /.dockerenv /run/.containerenv /proc/vz /proc/bc /run/systemd/system /run/openrc /run/ostree-booted \
    /var/run/reboot-required /run/reboot-required /run/systemd/timesync/synchronized /var/log/journal \
    /sys/class/tpm/tpm0 /dev/tpmrm0 /dev/tpm0 /var/run/docker.sock /run/podman/podman.sock \
    /run/containerd/containerd.sock /run/k3s/containerd/containerd.sock /run/crio/crio.sock /run/cri-dockerd.sock \
    /sys/module/nf_tables /sys/module/ip_tables /sys/module/ip6_tables /etc/ufw/ufw.conf /etc/firewalld \
    /sys/kernel/security/apparmor /sys/fs/selinux /lib/ld-musl-x86_64.so.1 /lib/ld-musl-aarch64.so.1 \
    /etc/wireguard/*.conf /etc/openvpn/*.conf /etc/openvpn/server/*.conf /etc/openvpn/*.ovpn \
    /usr/lib/pkcs11/*.so /usr/lib64/pkcs11/*.so /usr/lib/*/pkcs11/*.so /usr/lib/*/*-pkcs11.so /usr/lib/*/*pkcs11*.so \
    /usr/lib64/*pkcs11*.so /usr/lib/softhsm/*.so /usr/lib/*/softhsm/*.so /opt/*/lib*/*pkcs11*.so \
    /var/log/sysstat/sa[0-9]* /var/log/sa/sa[0-9]* /etc/cni/net.d/* /boot/vmlinu[xz]-* /lib/modules/* \
    /etc/letsencrypt/live/* /var/lib/pgsql/data /var/ossec/etc/ossec.conf /etc/fail2ban/jail.local; do
    # A glob is expanded below the root folder.
    for g in "$R"$f; do
      [ ! -e "$g" ] || o="$o${g#"$R"}$nl"
    done
  done
  put marks 0
}

# Names and numbers of all processes: who runs, whatever the init system says.
processes() {
  o='' exes='' limits=''
  for d in "$R"/proc/[0-9]*; do
    read -r c 2>/dev/null <"$d/comm" || continue
    o="$o${d##*/} $c$nl"
    case " $A_PROCESS sshd " in
      *" $c "*)
        exes="$exes $d/exe"
        limits="$limits $d/limits"
        ;;
    esac
  done
  put process.names 0
  # shellcheck disable=SC2086
  if [ -n "$exes" ]; then
    look process.limits grep -Hs '^Max open files' $limits
    run process.programs ls -l $exes
  fi
}

# ---- what is asked of commands --------------------------------------------------------------------------------------

services() {
  if [ -d "$R/run/systemd/system" ]; then
    run service.list systemctl list-units --all --plain --no-legend --no-pager --type=service,socket,timer
    # shellcheck disable=SC2086
    run service.show systemctl show --no-pager \
      -p Id,Names,LoadState,ActiveState,SubState,UnitFileState,NRestarts,MainPID,LimitNOFILE,LimitNOFILESoft \
      ssh.service sshd.service ssh.socket sshd.socket ufw.service firewalld.service nftables.service \
      iptables.service ip6tables.service netfilter-persistent.service chrony.service chronyd.service \
      systemd-timesyncd.service ntp.service ntpd.service ntpsec.service openntpd.service display-manager.service \
      auditd.service unattended-upgrades.service apt-daily-upgrade.timer dnf-automatic.timer \
      dnf-automatic-install.timer dnf5-automatic.timer yum-cron.service docker.service containerd.service \
      $A_UNIT
    set --
    for word in $o; do
      case $word in MainPID=[1-9]*) set -- "$@" "$R/proc/${word#*=}/limits" ;; esac
    done
    [ $# = 0 ] || look service.limits grep -Hs '^Max open files' "$@"
    run service.manager systemctl show --no-pager -p DefaultLimitNOFILE -p DefaultLimitNOFILESoft -p Version
  elif have rc-status; then
    run service.openrc rc-status --all --nocolor
    o=
    for f in "$R"/etc/runlevels/*/*; do o="$o${f#"$R"}$nl"; done
    put service.links 0
  else
    o=
    for f in "$R"/etc/rc[2-5].d/S*; do [ ! -e "$f" ] || o="$o${f#"$R"}$nl"; done
    put service.links 0
  fi
}

listeners() {
  if have ss; then
    run port.listeners ss -ltnup
    return
  fi
  code=127
  ! have netstat || run port.netstat netstat -ltnup
  # Small builds of busybox do not know all of these letters.
  if [ "$code" != 0 ]; then
    look port.kernel grep -Hs '' "$R/proc/net/tcp" "$R/proc/net/tcp6" "$R/proc/net/udp" "$R/proc/net/udp6"
  fi
}

addresses() {
  if have ip; then
    run address.ip ip -o addr show
  else
    look address.kernel grep -Hs '' "$R/proc/net/fib_trie" "$R/proc/net/if_inet6"
  fi
}

firewall() {
  look firewall.ufw grep -Hs '' "$R/etc/ufw/ufw.conf" "$R/etc/default/ufw"
  look firewall.files grep -Hcs '' "$R/etc/nftables.conf" "$R/etc/sysconfig/nftables.conf" \
    "$R/etc/iptables/rules.v4" "$R/etc/iptables/rules.v6" "$R/etc/sysconfig/iptables" "$R/etc/sysconfig/ip6tables" \
    "$R/etc/iptables/rules-save" "$R/etc/nftables.nft"
  admin firewall.nft firewall.save4 firewall.save6 || return
  # Where the kernel part is a module that was never loaded there are no rules, and asking would load it. Built into
  # the kernel it shows nowhere.
  if [ -n "$R" ] || [ -d /sys/module/nf_tables ] || [ -d /sys/module/ip_tables ] ||
    ! grep -qs '/nf_tables\.ko' "/lib/modules/$kernel/modules.dep"; then
    run firewall.nft nft list ruleset
    run firewall.save4 iptables-save
    run firewall.save6 ip6tables-save
  else
    o='no packet filter is loaded'
    put firewall.nft 0
    o=
    put firewall.save4 0
    put firewall.save6 0
  fi
}

ssh_server() {
  look sshd.files grep -Hns '^[[:space:]]*[A-Za-z]' "$R/etc/ssh/sshd_config" "$R"/etc/ssh/sshd_config.d/*.conf \
    "$R"/usr/etc/ssh/sshd_config "$R"/usr/etc/ssh/sshd_config.d/*.conf
  [ -r "$R/etc/ssh/sshd_config" ] || [ -r "$R/usr/etc/ssh/sshd_config" ] || admin sshd.private || :
  look sshd.pam grep -Hns '^[[:space:]]*[^#[:space:]]' "$R/etc/pam.d/sshd" "$R/etc/pam.d/common-auth" \
    "$R/etc/pam.d/password-auth" "$R/etc/pam.d/system-auth"
  admin sshd.effective || return
  run sshd.effective sshd -T
}

# The configuration files that several facts stand on; one line of comment or more is left out.
settings() {
  o=
  for d in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d; do
    # On a merged /usr, /lib is /usr/lib once more.
    [ "$d" != /lib/sysctl.d ] || [ ! -L "$R/lib" ] || continue
    for f in "$R$d"/*.conf; do
      if [ -L "$f" ] || [ -e "$f" ]; then o="$o${f#"$R"}$nl"; fi
    done
  done
  [ ! -e "$R/etc/sysctl.conf" ] || o="$o/etc/sysctl.conf$nl"
  put sysctl.names 0
  c='^[[:space:]]*[^#;[:space:]]'
  look sysctl.files grep -Hns "$c" "$R"/etc/sysctl.d/*.conf "$R"/run/sysctl.d/*.conf \
    "$R"/usr/local/lib/sysctl.d/*.conf "$R"/usr/lib/sysctl.d/*.conf "$R"/lib/sysctl.d/*.conf "$R/etc/sysctl.conf"
  look setting.limits grep -Hns "$c" "$R/etc/security/limits.conf" "$R"/etc/security/limits.d/*.conf
  look setting.journal grep -Hns "$c" "$R/etc/systemd/journald.conf" "$R"/etc/systemd/journald.conf.d/*.conf \
    "$R"/usr/lib/systemd/journald.conf.d/*.conf
  look setting.updates grep -Hns "$c" "$R"/etc/apt/apt.conf.d/*periodic* "$R"/etc/apt/apt.conf.d/*auto-upgrades* \
    "$R"/etc/apt/apt.conf.d/*unattended* "$R/etc/dnf/automatic.conf" "$R/etc/yum/yum-cron.conf"
  look setting.modules grep -Hs "$c" "$R/etc/modules" "$R"/etc/modules-load.d/*.conf \
    "$R"/usr/lib/modules-load.d/*.conf "$R"/run/modules-load.d/*.conf
  look setting.alerts grep -Hns '^[[:space:]]*\(- \)\{0,1\}\(alert\|expr\|for\):' "$R"/etc/prometheus/*.yml \
    "$R"/etc/prometheus/*.rules "$R"/etc/prometheus/*/*.yml "$R"/etc/prometheus/*/*.yaml \
    "$R"/etc/prometheus/*/*.rules "$R"/var/lib/prometheus/rules/*.yml
  look setting.containerd grep -Hns '^[[:space:]]*\(disabled_plugins\|SystemdCgroup\)' "$R/etc/containerd/config.toml"
  look setting.cron grep -EHos 'pgbackrest|barman|wal-g|wal-e|restic|borgmatic|borg|rsnapshot|duplicity|duply|kopia|rclone|pg_dumpall|pg_dump|mongodump|mysqldump|automysqlbackup|etckeeper|backup' \
    "$R/etc/crontab" "$R"/etc/cron.d/* "$R"/etc/cron.daily/* "$R"/etc/cron.hourly/* "$R"/etc/cron.weekly/* \
    "$R"/var/spool/cron/* "$R"/var/spool/cron/crontabs/*
  look setting.rsyslog grep -EHns '(@@?[A-Za-z0-9[]|omfwd|omrelp)' "$R/etc/rsyslog.conf" "$R"/etc/rsyslog.d/*.conf
  # shellcheck disable=SC2086
  o=
  for f in "$R"/etc/prometheus "$R"/etc/prometheus/*.yml "$R"/etc/prometheus/*.rules "$R"/etc/prometheus/*/*.y*ml \
    "$R/etc/containerd/config.toml" "$R"/etc/rsyslog.d/*.conf "$R/etc/rsyslog.conf" "$R"/etc/cron.d/* \
    "$R/var/spool/cron" "$R/var/spool/cron/crontabs" "$R"/etc/security/limits.d/*.conf "$R"/etc/sysctl.d/*.conf; do
    if [ -e "$f" ] && [ ! -r "$f" ]; then o="$o${f#"$R"}$nl"; fi
  done
  put setting.closed 0
  if [ -n "$A_CONFIG" ]; then
    # Every kernel we know has the first: seeing it tells that the file could be read.
    set -- -e '^CONFIG_64BIT='
    for c in $A_CONFIG; do set -- "$@" -e "^CONFIG_${c#CONFIG_}="; done
    look setting.kernel grep -Hs "$@" "$R/boot/config-$kernel" "$R/lib/modules/$kernel/config" \
      "$R/lib/modules/$kernel/build/.config" "$R/usr/lib/modules/$kernel/config"
    if [ -r "$R/proc/config.gz" ]; then
      o=$(packed_options "$@")
      put setting.kernelgz 0
    fi
  fi
  if [ -n "$A_MODULE" ]; then
    set --
    for m in $A_MODULE; do
      # A file may be called either way: nf_conntrack.ko, br-netfilter.ko.
      p=$m q=
      while :; do
        case $p in
          *[-_]*) q="$q${p%%[-_]*}[-_]" p=${p#*[-_]} ;;
          *) break ;;
        esac
      done
      set -- "$@" -e "/$q$p\\.ko"
    done
    look module.files grep -Hos "$@" "$R/lib/modules/$kernel/modules.dep" "$R/lib/modules/$kernel/modules.builtin"
  fi
}

packed_options() { zcat "$R/proc/config.gz" | grep "$@"; }

# Accounts without their secrets: of a password only whether there is one.
accounts() {
  look account.users grep -Hs '' "$R/etc/passwd"
  look account.groups grep -s '' "$R/etc/group"
  run account.who who
  admin account.passwords account.sudo || return
  if [ -r "$R/etc/shadow" ]; then
    o=
    while IFS=: read -r name secret _; do
      case $secret in
        '') state=empty ;;
        [!*]*) state=locked ;;
        *) state='set' ;;
      esac
      o="$o$name $state$nl"
    done <"$R/etc/shadow"
    secret=
    put account.passwords 0
  else
    none account.passwords /etc/shadow
  fi
  # To root of a user namespace the files may be closed all the same.
  if [ -e "$R/etc/sudoers" ] && [ ! -r "$R/etc/sudoers" ]; then
    none account.sudo 'right to read /etc/sudoers'
    return
  fi
  look account.sudo grep -Hns '^[[:space:]]*[^#[:space:]]' "$R/etc/sudoers" "$R"/etc/sudoers.d/*
}

# The mounts whose server may be gone: nothing below them is touched.
far=' ' near=' '
mounts() {
  while read -r _ _ _ _ at rest; do
    case ${rest#* - } in
      fuse.lxcfs* | fuse.snapfuse* | fuseblk*) near="$near$at " ;;
      nfs* | cifs* | smb* | ceph* | gluster* | lustre* | 9p* | afs* | autofs* | beegfs* | gpfs* | fuse*) far="$far$at " ;;
      *) near="$near$at " ;;
    esac
  done <"$R/proc/self/mountinfo"
}

# Whether PATH lies on such a mount: the nearest mount above it decides.
is_far() {
  p=$1
  while :; do
    case $far in *" $p "*) return 0 ;; esac
    case $near in *" $p "*) return 1 ;; esac
    case $p in ?*/*) p=${p%/*} ;; *) return 1 ;; esac
  done
}

# For each path the nearest parent that exists, then the room there.
disks() {
  mounts
  o='' places=''
  for path in / $A_PATH; do
    parent=${path%/} parent=${parent:-/}
    until is_far "$parent" || [ -e "$R$parent" ]; do parent=${parent%/*} parent=${parent:-/}; done
    if is_far "$parent"; then
      o="$o$path far $parent$nl"
    else
      o="$o$path near $parent$nl" places="$places $parent"
    fi
  done
  put disk.paths 0
  # shellcheck disable=SC2086
  run disk.size df -Pk $places
  # shellcheck disable=SC2086
  run disk.inodes df -Pi $places
}

# Modes and owners, and the names (never the values) that a file of settings sets.
files() {
  mounts
  set --
  o=
  for f in /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp /var/cache/dnf /var/cache/yum \
    /var/cache/zypp/raw /var/cache/apk /lib/apk/db/installed /var/run/docker.sock /etc/shadow /etc/sudoers $A_FILE; do
    if is_far "$f"; then
      o="$o$f far$nl"
    else
      set -- "$@" "$R$f"
      # Behind a folder that we may not enter, "not there" would be a guess.
      d=${f%/*}
      while [ -n "$d" ] && [ ! -e "$R$d" ]; do d=${d%/*}; done
      [ -z "$d" ] || [ -x "$R$d" ] || o="$o$f closed$nl"
    fi
  done
  put file.closed 0
  run file.modes stat -c '%a %U:%G %Y %s %F %n' "$@"
  for f in $A_NAMES; do
    o="$f$nl"
    if is_far "$f"; then
      put file.names 75
      continue
    fi
    if [ ! -e "$R$f" ]; then put file.names 1
    elif [ ! -r "$R$f" ]; then put file.names 77
    else
      while IFS= read -r line || [ -n "$line" ]; do
        line=${line#export }
        case $line in
          [A-Za-z_]*=*)
            line=${line%%=*}
            case $line in *[!A-Za-z0-9_.-]*) ;; *) o="$o$line$nl" ;; esac
            ;;
        esac
      done <"$R$f"
      line=
      put file.names 0
    fi
  done
}

# The settings of coturn, the values of harmless ones only.
turn() {
  for f in /etc/turnserver.conf /etc/coturn/turnserver.conf /usr/local/etc/turnserver.conf; do
    [ -e "$R$f" ] || continue
    if [ ! -r "$R$f" ]; then
      admin turn.settings || :
      return
    fi
    o="file=$f$nl"
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in '' | '#'* | *[!\ -~]*) continue ;; esac
      key=${line%%=*}
      key=${key%"${key##*[! ]}"}
      case $key in
        listening-port | tls-listening-port | alt-listening-port | min-port | max-port | external-ip | listening-ip | \
          relay-ip | realm | denied-peer-ip | allowed-peer-ip | no-* | fingerprint | lt-cred-mech | use-auth-secret | \
          stale-nonce | verbose | syslog | total-quota | user-quota | max-bps | relay-threads)
          o="$o$line$nl"
          ;;
        *[!a-z-]*) ;;
        *) o="$o$key=(set)$nl" ;;
      esac
    done <"$R$f"
    line=
    put turn.settings 0
    return
  done
  o='no turnserver.conf'
  put turn.settings 1
}

virtual() {
  run virt.container systemd-detect-virt --container
  run virt.machine systemd-detect-virt --vm
}

crypto() {
  run openssl.version openssl version
  case $o in
    OpenSSL\ 1.0*) run openssl.list sh -c 'openssl list-cipher-algorithms; openssl list-message-digest-algorithms; openssl list-public-key-algorithms' ;;
    *) run openssl.list openssl list -cipher-algorithms -digest-algorithms -public-key-algorithms ;;
  esac
  run openssl.kdf openssl list -kdf-algorithms
}

time_service() {
  code=1
  if have chronyc && { [ -e "$R/run/chrony" ] || [ -e "$R/var/run/chrony" ]; }; then
    run time.chrony chronyc -n tracking
  elif have ntpq && { [ -e "$R/var/lib/ntp" ] || [ -e "$R/var/lib/ntpsec" ]; }; then
    run time.ntpq ntpq -c rv
  fi
  # systemd's own service leaves a mark. Asking timedatectl starts a service of its own, so it comes last.
  if [ "$code" != 0 ] && [ ! -e "$R/run/systemd/timesync/synchronized" ] && [ -d "$R/run/systemd/system" ]; then
    run time.control timedatectl show
  fi
}

# ---- packages -------------------------------------------------------------------------------------------------------

# apt keeps a cache of its lists. Where it is out of date, an administrator's question would write it anew: so then it
# is told to keep it in memory.
# shellcheck disable=SC3013 # -nt is in dash, bash and busybox
in_memory() {
  c=$R/var/cache/apt/pkgcache.bin
  if [ "$c" -nt "$R/var/lib/dpkg/status" ] && [ "$c" -nt "$R/var/lib/apt/lists" ]; then return 1; fi
}

installed() {
  # shellcheck disable=SC2086,SC2016
  if have dpkg-query && [ -e "$R/var/lib/dpkg/status" ]; then
    run package.dpkg dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' $A_PACKAGE
  elif have rpm && { [ -e "$R/var/lib/rpm" ] || [ -e "$R/usr/lib/sysimage/rpm" ]; }; then
    run package.rpm rpm -q --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' $A_PACKAGE
  elif [ -e "$R/lib/apk/db/installed" ]; then
    look package.apk grep '^[PV]:' "$R/lib/apk/db/installed"
  fi
}

offered() {
  # shellcheck disable=SC2086
  if have apt-cache && [ -d "$R/var/lib/apt" ]; then
    if in_memory; then
      run offer.apt apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy $A_PACKAGE
    else
      run offer.apt apt-cache policy $A_PACKAGE
    fi
  elif have dnf; then
    run offer.dnf dnf -q -C --setopt=*.skip_if_unavailable=1 repoquery --latest-limit=1 --qf '%{name} %{epoch}:%{version}-%{release}\n' $A_PACKAGE
  elif have yum; then
    run offer.yum yum -q -C list available $A_PACKAGE
  elif have zypper; then
    run offer.zypper zypper -q --non-interactive --no-refresh info $A_PACKAGE
  elif have apk; then
    run offer.apk apk policy $A_PACKAGE
  fi
}

pending() {
  if have apt && [ -d "$R/var/lib/apt" ]; then
    if in_memory; then
      run update.apt apt -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= list --upgradable
    else
      run update.apt apt list --upgradable
    fi
  elif have dnf; then
    run update.dnf dnf -q -C check-update
    run update.dnfsec dnf -q -C updateinfo list --security
  elif have yum; then
    run update.yum yum -q -C check-update
    run update.yumsec yum -q -C updateinfo list security
  elif have zypper; then
    run update.zypper zypper -q --non-interactive --no-refresh list-updates
    run update.zyppersec zypper -q --non-interactive --no-refresh list-patches --category security
  elif have apk; then
    run update.apk apk version -l '<'
  fi
}

# ---- programs -------------------------------------------------------------------------------------------------------

# One word of A_SOFTWARE is name=program,argument,argument. A program may be a path with a star in it; with @ before
# it, only the name of the file is read, because starting the program would take long.
programs() {
  started=
  for word in $A_SOFTWARE; do
    name=${word%%=*} rest=${word#*=}
    IFS=,
    set -f
    # shellcheck disable=SC2086 # commas part the words
    set -- $rest
    set +f
    unset IFS
    program=$1 && shift
    case $program in
      @*)
        o=
        for f in "$R"${program#@}; do [ ! -e "$f" ] || o="$o${f#"$R"}$nl"; done
        [ -z "$o" ] || put "software.$name" 0
        ;;
      /*)
        for f in "$R"$program; do
          if [ -n "$R" ] || [ ! -x "$f" ]; then continue; fi
          started="$started$name$nl"
          job 6 run "software.$name" "$f" "$@"
        done
        ;;
      *)
        if [ -n "$R" ]; then
          case $nl$started in *"$nl$name$nl"*) continue ;; esac
          [ -f "$R/.plumb/software.$name" ] || continue
          started="$started$name$nl"
          run "software.$name" "$program"
        elif command -v "$program" >/dev/null 2>&1; then
          started="$started$name$nl"
          job 6 run "software.$name" "$program" "$@"
        fi
        ;;
    esac
  done
  o=$started
  put software 0
}

containers() {
  running='{{.Names}}	{{.Image}}	{{.Ports}}'
  [ -z "$R" ] || [ -f "$R/.plumb/container.docker" ] || return
  if [ -n "$R" ] || { [ -S /var/run/docker.sock ] && command -v docker >/dev/null 2>&1; }; then
    if [ -n "$R" ] || [ -w /var/run/docker.sock ]; then
      run container.docker docker ps --no-trunc --format "$running"
      run container.dockerd docker version --format '{{.Server.Version}}'
    else
      admin container.docker container.dockerd || :
    fi
  fi
  if [ -n "$R" ] || { [ -e /var/lib/containers ] && command -v podman >/dev/null 2>&1; }; then
    ! admin container.podman || run container.podman podman ps --no-trunc --format "$running"
  fi
}

# Asks the running PostgreSQL as its own user; only where one runs.
postgres() {
  if [ -n "$R" ]; then
    [ -f "$R/.plumb/postgres.settings" ] || return
  else
    set -- /var/run/postgresql/.s.PGSQL.*[0-9] /tmp/.s.PGSQL.*[0-9]
    [ -S "$1" ] || [ -S "${2-}" ] || return
    command -v psql >/dev/null 2>&1 || return
  fi
  admin postgres.settings || return
  settings='select name, setting, coalesce(unit, chr(45)), pending_restart from pg_settings'
  standbys='select chr(35), count(*) from pg_stat_replication'
  ask="cd / && PGCONNECT_TIMEOUT=3 psql -XAtqF ' ' -d postgres -c '$settings' -c '$standbys'"
  if command -v setpriv >/dev/null 2>&1; then
    run postgres.settings setpriv --reuid=postgres --regid=postgres --init-groups sh -c "$ask"
  else
    run postgres.settings su postgres -s /bin/sh -c "$ask"
  fi
}

# The certificates that our own ports really serve. A word of A_CERTIFICATE is port:port-in-hexadecimal.
certificate() {
  openssl s_client -connect "127.0.0.1:$1" </dev/null 2>/dev/null | openssl x509 -noout -subject -issuer -dates -text 2>&1 |
    grep -e '^[a-zA-Z]*=' -e DNS: -e 'IP Address:' -e nable
}

certificates() {
  [ -n "$A_CERTIFICATE" ] || return
  listening=$(grep -hs ' 0A ' "$R/proc/net/tcp" "$R/proc/net/tcp6")
  for word in $A_CERTIFICATE; do
    case $listening in
      *":${word#*:} 0"*) job 6 call "certificate.${word%:*}" certificate "${word%:*}" ;;
      *)
        o='nothing listens'
        put "certificate.${word%:*}" 1
        ;;
    esac
  done
}

failed_sign_ins() {
  journalctl -q --no-pager -o cat --since=-60s -n 5000 -u ssh.service -u sshd.service |
    grep -c -e 'Failed ' -e 'Invalid user' -e 'authentication failure'
}

journal() {
  have journalctl || return
  call auth.journal failed_sign_ins
}

audit() {
  admin audit.status audit.rules || return
  run audit.status auditctl -s
  run audit.rules auditctl -l
}

# ---- the walk -------------------------------------------------------------------------------------------------------

main() {
  trap '' PIPE
  trap 'late=1' USR1
  late='' o=''
  read -r self t <"/proc/self/stat"
  hundredths
  begun=$age
  effective_user
  asked
  run now date +%s.%N
  run kernel uname -s -n -r -m
  kernel=${o#* } kernel=${kernel#* } kernel=${kernel%% *}
  slurp "$R/proc/self/status"
  put self 0
  read -r o <"$R/proc/stat"
  put stat.before 0

  # The slow ones first, side by side.
  limit 24 update pending
  [ -z "$A_PACKAGE" ] || limit 24 offer offered
  [ -z "$A_PACKAGE" ] || limit 6 package installed
  limit 6 service services
  limit 6 firewall firewall
  limit 6 sshd ssh_server
  limit 6 time time_service
  limit 6 auth journal
  limit 3 disk disks
  limit 3 file files
  limit 3 port listeners
  limit 3 setting settings
  limit 3 account accounts
  limit 3 address addresses
  limit 3 virt virtual
  limit 3 openssl crypto
  job 3 run libc getconf GNU_LIBC_VERSION
  limit 6 container containers
  limit 3 audit audit
  limit 3 turn turn
  [ -z "$A_POSTGRES" ] || limit 6 postgres postgres
  programs
  certificates

  system
  cpuinfo
  quotas
  blocks
  interfaces
  parameters
  modules
  commands
  marks
  processes
  look mounts cat "$R/proc/self/mountinfo"
  proxy=${https_proxy:-${HTTPS_PROXY:-${http_proxy:-${HTTP_PROXY:-}}}}
  # shellcheck disable=SC3045 # so are -S and -H
  # Of a proxy's address everything but the name and password in it.
  o="soft $(ulimit -Sn)${nl}hard $(ulimit -Hn)${nl}proxy ${proxy##*@}"
  put login 0

  # What comes quickly elsewhere takes seconds on a busy or a small server, so everything there gets more time.
  hundredths
  pace=$((1 + (age - begun) / 100))
  watch &
  watch=$!
  for entry in $jobs; do
    [ -z "$late" ] || break
    wait "${entry%%:*}" 2>/dev/null
  done
  # Ended in the middle of a section, the watch would take the lock with it.
  read -r t <&9
  kill -TERM "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  echo >&9
  o=
  while IFS= read -r line; do
    case $line in cpu\ * | btime*) o=$o$line$nl ;; esac
  done <"$R/proc/stat"
  read -r line <"/proc/self/stat"
  put stat.after 0
  o=$line
  [ -z "$R" ] || o=
  put end 0
}

lock='' listening=''
if [ -r /proc/self/stat ]; then
  : | {
    exec 9<>/proc/self/fd/0 2>/dev/null
    exec </dev/null
    lock=1
    echo >&9
    main
  }
else
  o=$(uname -s -n -r -m 2>&1)
  put kernel 0
  o=
  put end 0
fi
exit 0
